/**
 * `node test/chaos/under-load.ts [--requests 100000] [--window 100000] [--kind router]`: reloads, lame-ducks
 * and drains a router while that many requests are under way, and prints how many were lost. Exits with 1 if
 * any was.
 */
import { parseArgs } from 'node:util';
import type { ServerKind } from '../router/support/router-process.ts';
import { disturbances } from './load/disturbances.ts';
import { runLoad } from './load/run-load.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    window: { type: 'string', default: '100000' },
    kind: { type: 'string', default: 'router' },
  },
});

let lost = 0;
for (const disturbance of disturbances) {
  const load = { requests: Number(values.requests), window: Number(values.window) };
  const result = await runLoad(disturbance, load, values.kind as ServerKind);
  lost += result.lost;
  console.log(
    `${disturbance.name}: ${result.requests} requests, ${result.answered} answered, ${result.lost} lost; ` +
      `${result.refused} told that nobody was there and asked again, ` +
      `${result.openEnded.length} not read by the router and asked again, ` +
      `${result.warned ? 'warned, ' : ''}${result.disconnects} disconnects, ${result.seconds.toFixed(1)} s`,
  );
}
console.log(`${lost} lost`);
process.exitCode = lost === 0 ? 0 : 1;
