/** The `nats` client alone: one process publishes, another subscribes, over a given server. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { usageOf } from './process-usage.ts';

const child = fileURLToPath(new URL('plain-nats-child.ts', import.meta.url));

/** Sends `bytes` in messages of `messageBytes`; timed from the first publish to the last receipt. */
export async function plainNats(
  url: string,
  bytes: number,
  messageBytes: number,
): Promise<{ megabytesPerSecond: number; cpuSeconds: number }> {
  const start = (role: string): ReturnType<typeof fork> =>
    fork(child, [role, url, String(bytes), String(messageBytes)]);
  const subscriber = start('subscribe');
  await once(subscriber, 'message');
  const publisher = start('publish');
  await once(publisher, 'message');
  const pids = [subscriber.pid ?? 0, publisher.pid ?? 0];
  const cpu = (): number => pids.reduce((sum, pid) => sum + usageOf(pid).cpuSeconds, 0);
  const before = cpu();
  const began = performance.now();
  publisher.send('go');
  await once(subscriber, 'message');
  const seconds = (performance.now() - began) / 1000;
  const cpuSeconds = cpu() - before;
  const ended = [once(subscriber, 'exit'), once(publisher, 'exit')];
  subscriber.send('end');
  publisher.send('end');
  await Promise.all(ended);
  return { megabytesPerSecond: bytes / 1e6 / seconds, cpuSeconds };
}
