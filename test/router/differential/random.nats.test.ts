import { expect, test } from 'vitest';
import { startPair } from './compare.ts';
import { compareSessions } from './random-compare.ts';
import { playgrounds } from './random-session.ts';

const SEED = 20_260;
const SESSIONS = 170;

test.each(playgrounds.map((each, index) => ({ ...each, index })))(
  'router beside nats-server - random sessions say the same: $name',
  async ({ config, index }) => {
    await using pair = await startPair({ config });
    const difference = await compareSessions(pair, index, { sessions: SESSIONS, seed: SEED });
    expect(difference).toBeUndefined();
  },
  60_000,
);
