/**
 * `node --expose-gc test/chaos/soak-links.ts [--peers 20] [--minutes 10] [--seed 1]`: peers that are all linked to
 * each other talk while the UDP of one after the other is cut at random, and now and then the NATS server restarts.
 * Prints memory and handles as it goes; exits with 1 when a link was lost or doubled, a byte was wrong, or memory or
 * handles grew.
 */
import { parseArgs } from 'node:util';
import { soakLinks } from './load/soak.ts';

const { values } = parseArgs({
  options: {
    peers: { type: 'string', default: '20' },
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
  },
});
const verdict = await soakLinks({
  peers: Number(values.peers),
  seconds: Number(values.minutes) * 60,
  seed: Number(values.seed),
  tell: (line) => console.log(line),
});
for (const fault of verdict.faults) console.log(`FAULT ${fault}`);
console.log(verdict.summary);
process.exit(verdict.faults.length === 0 ? 0 : 1);
