import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { cases } from './cases.ts';
import { fillCompileCache } from './compile-cache.ts';
import { ownPrefix, removeLeftovers } from './owner.ts';
import { whyNoNamespaces } from './requirements.ts';
import { runCase } from './run-case.ts';

/** A case mostly waits: for processes that start, for cables that are slow. */
vi.setConfig({ maxConcurrency: 3, testTimeout: 180_000 });

/** Round trips that are measured while the machine is busy can keep a link from the better path for long. */
const PATIENCE = { bestSeconds: 60, awaitingSeconds: 0 };

const why = whyNoNamespaces();
if (why !== undefined) console.warn(`LEFT OUT: all link cases (docs/link-cases.md): ${why}.`);
for (const { what, awaits } of cases) {
  if (awaits?.today === null) console.warn(`NOT YET: ${what}: awaits ${awaits.feature}`);
}

describe.skipIf(why !== undefined)('link cases', () => {
  let compileCache: string;
  beforeAll(async () => {
    removeLeftovers();
    compileCache = mkdtempSync(join(tmpdir(), ownPrefix()));
    await fillCompileCache(compileCache);
  });
  afterAll(() => rmSync(compileCache, { recursive: true, force: true }));

  for (const one of cases.filter(({ isForRunner }) => isForRunner !== true)) {
    const { what, best, awaits } = one;
    if (awaits === undefined) {
      test.concurrent(`link case - ${what}: reaches ${best}, and a file arrives`, async () => {
        const result = await runCase(one, { compileCache, ...PATIENCE });
        expect(result.failure, result.log).toBeUndefined();
        expect(result).toMatchObject({ path: best, isFileRight: true });
      });
    } else if (awaits.today !== null) {
      const { today, feature } = awaits;
      const name = `link case - ${what}: reaches ${today} without ${feature}, and a file arrives`;
      test.concurrent(name, async () => {
        const result = await runCase(one, { compileCache, ...PATIENCE });
        expect([today, best], result.log).toContain(result.path);
        expect(result.isFileRight, result.failure).toBe(true);
      });
    }
  }
});
