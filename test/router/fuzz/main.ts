/**
 * `node test/router/fuzz/main.ts [--minutes 10] [--seed N]`: mutated bytes against every listener of a running
 * router, mutated configurations and JWTs against the parsers. Prints figures; exits with 1 after a crash, a
 * hang, or growing memory.
 */
import { parseArgs } from 'node:util';
import { growth, mebibytes } from './memory.ts';
import { runFuzz, type Figures } from './run-fuzz.ts';

/** What counts as growth, from the first third of the time to the last. */
const GROWTH_HELD = 8 * 1024 * 1024;
const GROWTH_RSS = 64 * 1024 * 1024;
const PRINT_EVERY_MS = 10_000;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
  },
});

const began = performance.now();
let printed = 0;
function print(figures: Figures): void {
  const now = performance.now();
  if (now - printed < PRINT_EVERY_MS) return;
  printed = now;
  const memory = figures.samples.at(-1);
  console.log(
    `${Math.round((now - began) / 1_000)} s: ${figures.connections} connections, ` +
      `${mebibytes(memory?.held ?? 0)} held, ${mebibytes(memory?.rss ?? 0)} resident, ${figures.failures.length} failures`,
  );
}

console.log(`seed ${values.seed}`);
const figures = await runFuzz({
  ms: Number(values.minutes) * 60_000,
  seed: Number(values.seed),
  onFigures: print,
});
const grown = growth(figures.samples);
if (grown.held > GROWTH_HELD || grown.rss > GROWTH_RSS) figures.failures.push('memory grows');
for (const failure of figures.failures) console.log(`FAILURE ${failure}`);
console.log(
  `${figures.connections} connections with mutated bytes, ${mebibytes(figures.bytesBack)} came back; ` +
    `${figures.parserInputs} configurations and JWTs, the slowest took ${figures.slowestParseMs} ms; ` +
    `memory held ${signed(grown.held)}, resident ${signed(grown.rss)}; ${figures.failures.length} failures`,
);
process.exitCode = figures.failures.length === 0 ? 0 : 1;

function signed(bytes: number): string {
  return `${bytes < 0 ? '' : '+'}${mebibytes(bytes)}`;
}
