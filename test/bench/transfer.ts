/**
 * One file of 1 GiB between two processes on loopback, in one run: Skerry over udp, Skerry over a nats-server, the
 * plain `nats` client over the same server, and scp where it and its server are installed. Rounds are interleaved.
 */
import { rmSync } from 'node:fs';
import type { ShareInfo, TransferInfo } from '../../main/api/contract.ts';
import { writeRandomFile } from '../support/files.ts';
import { startNatsServer } from '../support/nats-server.ts';
import {
  introduce,
  scratchFolder,
  startPeer,
  until,
  type PeerProcess,
} from '../support/peer-process.ts';
import { plainNats } from './plain-nats.ts';
import { usageOf } from './process-usage.ts';
import { median, printFloors, printTable } from './report.ts';
import { startScp } from './scp.ts';

const BYTES = 1024 ** 3;
const ROUNDS = Number(process.env.SKERRY_BENCH_ROUNDS ?? 3);
const MB = 1_000_000;

interface Round {
  readonly megabytesPerSecond: number;
  /** CPU seconds of sender and receiver together. */
  readonly cpuSeconds: number;
}

interface Contestant {
  readonly name: string;
  run(): Promise<Round>;
  /** Peak memory of [sender, receiver], bytes, where it is ours. */
  memory?(): [number, number];
}

interface Pair extends AsyncDisposable {
  readonly contestant: Contestant;
}

type Scratch = ReturnType<typeof scratchFolder>;

async function skerryPair(
  name: string,
  scratch: Scratch,
  options: readonly string[],
): Promise<Pair> {
  const a = await startPeer(scratch.path(`${name}-a`), ['--name', 'Alice', '--no-ui', ...options]);
  const b = await startPeer(scratch.path(`${name}-b`), ['--name', 'Bob', '--no-ui', ...options]);
  await introduce(a, b);
  await a.json('share', scratch.path('large.bin'));
  await until(
    async () => (await a.json<ShareInfo[]>('shares'))[0]?.state === 'ready',
    'hashed',
    120_000,
  );
  const cpu = (peer: PeerProcess): number => usageOf(peer.pid).cpuSeconds;
  return {
    contestant: {
      name,
      async run() {
        const before = cpu(a) + cpu(b);
        const into = scratch.path(`${name}-in`);
        const done = await b.json<TransferInfo>('get', 'Alice/large.bin', '-o', into);
        const seconds = ((done.finishedAt ?? NaN) - done.startedAt) / 1000;
        const cpuSeconds = cpu(a) + cpu(b) - before;
        rmSync(into, { recursive: true });
        return { megabytesPerSecond: BYTES / MB / seconds, cpuSeconds };
      },
      memory: () => [usageOf(a.pid).peakRssBytes, usageOf(b.pid).peakRssBytes],
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([a.stop(), b.stop()]);
    },
  };
}

/** Prints the table; true when every floor is kept. */
export async function transfer(): Promise<boolean> {
  using scratch = scratchFolder();
  writeRandomFile(scratch.path('large.bin'), BYTES);
  await using server = await startNatsServer();
  await using overUdp = await skerryPair('skerry udp', scratch, []);
  await using overNats = await skerryPair('skerry nats', scratch, [
    '--no-udp',
    '--nats',
    server.url,
  ]);
  const scp = await startScp(scratch.path('sshd'));
  await using cleanUp = new AsyncDisposableStack();
  const contestants: Contestant[] = [
    overUdp.contestant,
    overNats.contestant,
    { name: 'plain nats 16 KiB', run: () => plainNats(server.url, BYTES, 16 * 1024) },
    { name: 'plain nats 256 KiB', run: () => plainNats(server.url, BYTES, 256 * 1024) },
  ];
  if ('missing' in scp) {
    console.log(`scp left out: ${scp.missing}`);
  } else {
    cleanUp.use(scp);
    contestants.push({
      name: 'scp',
      run: () => scp.copy(scratch.path('large.bin'), scratch.path('scp.bin'), BYTES),
    });
  }

  const rounds = new Map<string, Round[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { name, run } of contestants) rounds.get(name)?.push(await run());
  }

  const speeds = (name: string): number[] =>
    (rounds.get(name) ?? []).map(({ megabytesPerSecond }) => megabytesPerSecond);
  const ratio = (name: string, to: string): number =>
    median(speeds(name).map((speed, round) => speed / (speeds(to)[round] ?? NaN)));
  const megabytes = (bytes: number): string => (bytes / 1024 ** 2).toFixed(0);
  printTable(
    ['1 GiB on loopback', 'MB/s median', 'min', 'max', 'CPU s/GB', 'peak MiB send', 'receive'],
    contestants.map(({ name, memory }) => {
      const cpu = median((rounds.get(name) ?? []).map(({ cpuSeconds }) => cpuSeconds));
      const [send, receive] = memory?.() ?? [NaN, NaN];
      return [
        name,
        median(speeds(name)).toFixed(0),
        Math.min(...speeds(name)).toFixed(0),
        Math.max(...speeds(name)).toFixed(0),
        Number.isNaN(cpu) ? '-' : (cpu / (BYTES / 1e9)).toFixed(2),
        Number.isNaN(send) ? '-' : megabytes(send),
        Number.isNaN(receive) ? '-' : megabytes(receive),
      ];
    }),
  );
  const peaks = [overUdp, overNats].flatMap(({ contestant }) => contestant.memory?.() ?? []);
  const fastestPlain =
    median(speeds('plain nats 16 KiB')) > median(speeds('plain nats 256 KiB'))
      ? 'plain nats 16 KiB'
      : 'plain nats 256 KiB';
  return printFloors([
    {
      what: 'udp',
      measured: median(speeds('skerry udp')),
      floor: 200,
      kind: 'at least',
      unit: 'MB/s',
    },
    {
      what: 'nats',
      measured: median(speeds('skerry nats')),
      floor: 100,
      kind: 'at least',
      unit: 'MB/s',
    },
    {
      what: `nats to the faster plain client (${fastestPlain})`,
      measured: ratio('skerry nats', fastestPlain),
      floor: 0.3,
      kind: 'at least',
      unit: 'of its rate',
    },
    {
      what: 'memory of any peer throughout',
      measured: Math.max(...peaks) / MB,
      floor: 300,
      kind: 'at most',
      unit: 'MB',
    },
  ]);
}
