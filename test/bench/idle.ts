/** A headless peer with three links and nothing to do: memory and CPU over a minute. */
import { introduce, scratchFolder, startPeer } from '../support/peer-process.ts';
import { usageOf } from './process-usage.ts';
import { printFloors } from './report.ts';

const SETTLE_MS = 10_000;
const WATCH_MS = Number(process.env.SKERRY_BENCH_IDLE_SECONDS ?? 60) * 1000;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export async function idle(): Promise<boolean> {
  using scratch = scratchFolder();
  const hub = await startPeer(scratch.path('hub'), ['--name', 'Hub']);
  const others = [];
  for (const name of ['One', 'Two', 'Three']) {
    others.push(await startPeer(scratch.path(name), ['--name', name]));
  }
  try {
    for (const other of others) await introduce(hub, other);
    await sleep(SETTLE_MS);
    const before = usageOf(hub.pid);
    await sleep(WATCH_MS);
    const after = usageOf(hub.pid);
    const links = await hub.json<unknown[]>('links');
    console.log(`idle for ${WATCH_MS / 1000} s with ${links.length} links`);
    return printFloors([
      { what: 'links', measured: links.length, floor: 3, kind: 'at least', unit: 'links' },
      {
        what: 'memory (RSS)',
        measured: after.rssBytes / 1e6,
        floor: 150,
        kind: 'at most',
        unit: 'MB',
      },
      {
        what: 'CPU',
        measured: ((after.cpuSeconds - before.cpuSeconds) / (WATCH_MS / 1000)) * 100,
        floor: 1,
        kind: 'at most',
        unit: '% of a core',
      },
    ]);
  } finally {
    await Promise.all([hub, ...others].map((peer) => peer.stop()));
  }
}
