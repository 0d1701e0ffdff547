/** How late the router's event loop is while it is as busy as it can be. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { generate } from './generate.ts';
import type { Flow } from './scenarios.ts';

export interface LoopDelay {
  /** Milliseconds behind. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const child = fileURLToPath(new URL('loop-child.ts', import.meta.url));

export async function loopDelay(scenario: Flow): Promise<LoopDelay> {
  const router = fork(child);
  const [{ port }] = (await once(router, 'message')) as [{ port: number }];
  router.send('begin');
  await generate({ scenario, publishPort: port, subscribePort: port });
  const answer = once(router, 'message');
  router.send('end');
  const [delay] = (await answer) as [LoopDelay];
  return delay;
}
