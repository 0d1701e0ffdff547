import { expect, test } from 'vitest';
import { disturbances } from './load/disturbances.ts';
import { runLoad } from './load/run-load.ts';

const REQUESTS = 10_000;

test.each(disturbances)(
  'router under load - no request that it accepted is lost over $name',
  async (disturbance) => {
    const result = await runLoad(disturbance, { requests: REQUESTS, window: 1_000 });
    expect(result).toMatchObject({ answered: REQUESTS, lost: 0, disconnects: 0 });
  },
  60_000,
);
