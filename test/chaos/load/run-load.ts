/** A load of requests across two routers, of which the first is disturbed on the way. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  startServer,
  type ServerKind,
  type ServerProcess,
} from '../../router/support/router-process.ts';
import type { FromChild, Plan, RequesterResult } from './messages.ts';

export interface LoadResult extends RequesterResult {
  readonly requests: number;
  /** Requests that the router accepted and whose answer never came. */
  readonly lost: number;
  readonly seconds: number;
}

export interface Disturbance {
  readonly name: string;
  /** Called once for each share (0…1) of answered requests in `at`. */
  readonly at: readonly number[];
  disturb(router: ServerProcess, index: number): Promise<void>;
  /** Waited for when the load is over; throws when the router did not do what it should. */
  after?(router: ServerProcess): Promise<void>;
  /** Configuration of the router that is disturbed. */
  readonly config: string;
}

export async function runLoad(
  disturbance: Disturbance,
  { requests, window }: { requests: number; window: number },
  kind: ServerKind = 'router',
): Promise<LoadResult> {
  await using servers = new AsyncDisposableStack();
  const [from, to] = await Promise.all(
    [disturbance.config, ''].map(async (config) =>
      servers.use(await startServer(kind, { config })),
    ),
  );
  if (from === undefined || to === undefined) throw new Error('two servers were asked for');
  const plan: Plan = { from: from.url, to: to.url, requests, window };
  const responder = start('responder.ts', plan);
  const requester = start('requester.ts', plan);
  try {
    await Promise.all([nextOf(responder, 'ready'), nextOf(requester, 'ready')]);
    let due = 0;
    let disturbed = Promise.resolve();
    requester.on('message', (message: FromChild) => {
      if (message.type !== 'progress') return;
      const share = disturbance.at[due];
      if (share === undefined || message.answered < share * requests) return;
      const index = due++;
      disturbed = disturbed.then(() => disturbance.disturb(from, index));
      disturbed.catch(() => undefined);
    });
    const began = performance.now();
    const ended = nextOf(requester, 'requester');
    requester.send('go');
    const { result } = await ended;
    const seconds = (performance.now() - began) / 1_000;
    await disturbed;
    if (due < disturbance.at.length) throw new Error('the load was over before the disturbance');
    const told = nextOf(responder, 'responder');
    responder.send('tell');
    const seen = Buffer.from((await told).seen, 'base64');
    await disturbance.after?.(from);
    const sawIt = (id: number): boolean => (((seen[id >> 3] ?? 0) >> (id & 7)) & 1) === 1;
    const lost = result.acceptedUnanswered.length + result.openEnded.filter(sawIt).length;
    return { ...result, requests, lost, seconds };
  } finally {
    requester.kill('SIGKILL');
    responder.kill('SIGKILL');
  }
}

function start(file: string, plan: Plan): ChildProcess {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return fork(path, [JSON.stringify(plan)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

/** The next message of a type; rejects when the process ends before it. */
function nextOf<T extends FromChild['type']>(
  child: ChildProcess,
  type: T,
): Promise<Extract<FromChild, { type: T }>> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: FromChild): void => {
      if (message.type !== type) return;
      child.off('message', onMessage);
      child.off('exit', onExit);
      resolve(message as Extract<FromChild, { type: T }>);
    };
    const onExit = (code: number | null): void => {
      reject(new Error(`a process of the load ended with ${code} before it was ${type}`));
    };
    child.on('message', onMessage);
    child.once('exit', onExit);
  });
}
