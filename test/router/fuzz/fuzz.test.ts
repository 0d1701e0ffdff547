import { expect, test } from 'vitest';
import { growth } from './memory.ts';
import { runFuzz } from './run-fuzz.ts';

const MIB = 1024 * 1024;

test('router fuzzing - mutated bytes, configurations and JWTs neither end it, nor stop it, nor fill it', async () => {
  const figures = await runFuzz({ ms: 10_000, seed: 20_260 });
  expect(figures.failures).toEqual([]);
  expect(figures.connections).toBeGreaterThan(100);
  expect(figures.parserInputs).toBeGreaterThan(100);
  // Ten seconds show a leak of whole connections, not more; the long run looks closer.
  expect(growth(figures.samples).held).toBeLessThan(32 * MIB);
}, 40_000);
