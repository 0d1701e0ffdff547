/**
 * Runs the link cases in network namespaces and prints their table: all, or those whose name contains one of the
 * given words: `node test/net/main.ts [--log] [word…]`. `--log` prints what the peers logged. Needs root. One after another,
 * so that the times are not those of a busy machine. Exits non-zero when a case does not
 * end as it should; one that awaits a feature is told, and fails nothing.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cases } from './cases.ts';
import { fillCompileCache } from './compile-cache.ts';
import { ownPrefix, removeLeftovers } from './owner.ts';
import { whyNoNamespaces } from './requirements.ts';
import { runCase } from './run-case.ts';
import { judge, tableOf, type Judged } from './table.ts';

const BEST_SECONDS = 15;
/** What awaits a feature is given so long to have it all the same. */
const AWAITING_SECONDS = 6;

const { values, positionals } = parseArgs({
  options: { log: { type: 'boolean', default: false } },
  allowPositionals: true,
});

async function main(): Promise<number> {
  const chosen = cases.filter(
    ({ name }) => positionals.length === 0 || positionals.some((word) => name.includes(word)),
  );
  if (chosen.length === 0) {
    console.error(`No such case; there are: ${cases.map(({ name }) => name).join(', ')}`);
    return 2;
  }
  const why = whyNoNamespaces();
  if (why !== undefined) {
    console.error(`THE LINK CASES CANNOT RUN HERE: ${why}.`);
    return 1;
  }
  removeLeftovers();
  const compileCache = mkdtempSync(join(tmpdir(), ownPrefix()));
  process.once('exit', () => rmSync(compileCache, { recursive: true, force: true }));
  await fillCompileCache(compileCache);
  const judged: Judged[] = [];
  for (const one of chosen) {
    const result = await runCase(one, {
      compileCache,
      bestSeconds: BEST_SECONDS,
      awaitingSeconds: AWAITING_SECONDS,
    });
    const done = judge(one, result);
    judged.push(done);
    console.log(`${done.verdict.padEnd(8)} ${one.name}${done.why === '' ? '' : `: ${done.why}`}`);
    if (values.log) console.log(result.log);
  }
  console.log(`\n${tableOf(judged)}`);
  return judged.some(({ verdict }) => verdict === 'FAILED') ? 1 : 0;
}

// The namespaces go at the exit.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
process.exitCode = await main();
