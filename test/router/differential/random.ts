/**
 * `node test/router/differential/random.ts [--sessions 10000] [--seed N] [--subject router]`: plays random
 * sessions on nats-server and on the router and prints every difference, made as small as possible. Exits with
 * 1 if there was one.
 */
import { parseArgs } from 'node:util';
import type { ServerKind } from '../support/router-process.ts';
import { startPair } from './compare.ts';
import { compareSessions } from './random-compare.ts';
import { playgrounds } from './random-session.ts';
import { differenceOf } from './show.ts';

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    subject: { type: 'string', default: 'router' },
    playground: { type: 'string' },
  },
});

/** Sessions per call of the generator: after a difference the next call goes on with another seed. */
const CHUNK = 250;
const MOST_DIFFERENCES = 10;

const wanted = Number(values.sessions);
const chosen = playgrounds
  .map((each, index) => ({ ...each, index }))
  .filter((each) => values.playground === undefined || each.name === values.playground);
const began = performance.now();
let played = 0;
let differences = 0;

console.log(`${wanted} sessions, seed ${values.seed}`);
async function playOn({ name, config, index }: (typeof chosen)[number]): Promise<void> {
  await using pair = await startPair({ config }, values.subject as ServerKind);
  const share = Math.ceil(wanted / chosen.length);
  for (let done = 0; done < share && differences < MOST_DIFFERENCES; done += CHUNK) {
    const seed = Number(values.seed) * 1_000 + done;
    const sessions = Math.min(CHUNK, share - done);
    const found = await compareSessions(pair, index, { sessions, seed });
    played += sessions;
    if (found !== undefined) {
      differences++;
      console.log(`\n=== ${name}, seed ${seed}: ${JSON.stringify(found.session)}`);
      console.log(differenceOf(found.reference, found.subject));
    }
    const seconds = Math.round((performance.now() - began) / 1_000);
    console.log(`${played} sessions, ${differences} differences, ${seconds} s`);
  }
}

await Promise.all(chosen.map(playOn));
console.log(`\n${played} random sessions, ${differences} differences`);
process.exitCode = differences === 0 ? 0 : 1;
