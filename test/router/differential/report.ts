/**
 * `node test/router/differential/report.ts [--subject nats-server] [--filter text] [--show]`: runs the scripted
 * cases and prints what differs, for those who work on the router. With nats-server as its own subject it
 * shows what the normalisation misses.
 */
import { parseArgs } from 'node:util';
import type { ServerKind } from '../support/router-process.ts';
import { agreement, startPair } from './compare.ts';
import { exceptionOf } from './known.ts';
import { differenceOf } from './show.ts';
import { accountSuites, connectionSuites } from './suites.ts';

const { values } = parseArgs({
  options: {
    subject: { type: 'string', default: 'router' },
    filter: { type: 'string', default: '' },
    show: { type: 'boolean', default: false },
  },
});

/** Cases that take longer are named: something was waited for in vain. */
const SLOW_MS = 250;

let ran = 0;
let different = 0;
for (const suite of [...connectionSuites, ...accountSuites]) {
  const compared = suite.cases.filter(({ name }) => exceptionOf(suite.name, name) === undefined);
  const wanted = compared.filter((each) => `${suite.name}: ${each.name}`.includes(values.filter));
  if (wanted.length === 0) continue;
  const began = performance.now();
  let pair;
  try {
    pair = await startPair(suite, values.subject as ServerKind);
  } catch (error) {
    console.log(`\n=== ${suite.name}: ${error instanceof Error ? error.message : String(error)}`);
    different += wanted.length;
    ran += wanted.length;
    continue;
  }
  await using servers = pair;
  const ready = performance.now();
  for (const each of wanted) {
    const start = performance.now();
    const { reference, subject } = await agreement(servers, each.run, suite.login);
    ran++;
    const took = performance.now() - start;
    if (took > SLOW_MS) console.log(`(${Math.round(took)} ms: ${each.name})`);
    if (values.show) console.log(`\n--- ${suite.name}: ${each.name}\n${reference}`);
    if (reference === subject) continue;
    different++;
    console.log(`\n=== ${suite.name}: ${each.name}\n${differenceOf(reference, subject)}`);
  }
  const times = `${Math.round(ready - began)} ms to start, ${Math.round(performance.now() - ready)} ms`;
  console.log(`${suite.name}: ${wanted.length} cases, ${times}`);
}
console.log(`\n${ran} cases, ${different} differ`);
process.exitCode = different === 0 ? 0 : 1;
