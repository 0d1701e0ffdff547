/** Peers that are all linked, random talk between them, cuts of their paths and kills of their NATS server. */
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BoxedPeer, BoxedPeers } from '../../link/paths/boxed-peers.ts';

const PROTOCOL = '/test/echo/1';
const TALK_BYTES = 64 * 1024;
/** Between two talks, of all peers together, ms. */
const TALK_EACH_MS = 50;
/** How long the UDP of a peer stays cut, or the NATS server is away, ms. */
const CUT_MS = { least: 500, most: 5_000 };
/** Between the starts of two cuts, ms. */
const CUT_EACH_MS = 1_000;
/** Between two kills of the NATS server, ms. */
const RESTART_EACH_MS = 20_000;
const SAMPLE_EACH_MS = 10_000;
/** The part of the run in which memory may still grow. */
const WARM_UP = 0.3;
/** What memory and handles may grow by after that, of what they were. */
const GROWTH = 1.15;
const SETTLE_MS = 60_000;

export interface SoakOptions {
  readonly peers: number;
  readonly seconds: number;
  readonly seed: number;
  readonly tell: (line: string) => void;
}

interface Sample {
  readonly heap: number;
  readonly handles: number;
}

export async function soakLinks(
  options: SoakOptions,
): Promise<{ faults: string[]; summary: string }> {
  const random = createRandom(options.seed);
  await using boxed = await BoxedPeers.start();
  for (let count = 0; count < options.peers; count += 1) serve(await boxed.add());
  const { peers } = boxed;
  forEachPair(peers, (one, other) => boxed.introduce(one, other));
  const faults: string[] = [];
  if (!(await allLinked(peers, SETTLE_MS))) faults.push('not all are linked as the talk begins');
  for (const peer of peers) peer.events.length = 0;

  const samples: Sample[] = [];
  const counts = { talks: 0, cuts: 0, restarts: 0 };
  const endsAt = performance.now() + options.seconds * 1_000;
  const isOver = (): boolean => performance.now() >= endsAt;
  const talking = async (): Promise<void> => {
    const under = new Set<Promise<void>>();
    while (!isOver()) {
      const [one, other] = pickTwo(peers, random);
      const talk = talkOf(one, other)
        .then(() => void (counts.talks += 1))
        .catch((error: unknown) => void faults.push(`talk: ${String(error)}`))
        .finally(() => under.delete(talk));
      under.add(talk);
      await sleep(TALK_EACH_MS);
    }
    await Promise.all(under);
  };
  const cutting = async (): Promise<void> => {
    while (!isOver()) {
      const peer = peers[Math.floor(random() * peers.length)] as BoxedPeer;
      if (!peer.isCut) {
        peer.isCut = true;
        counts.cuts += 1;
        setTimeout(() => (peer.isCut = false), cutMs(random));
      }
      await sleep(CUT_EACH_MS);
    }
  };
  const restarting = async (): Promise<void> => {
    while (!isOver()) {
      await sleep(RESTART_EACH_MS);
      await boxed.server.stop('SIGKILL');
      counts.restarts += 1;
      await sleep(cutMs(random));
      await boxed.server.start();
    }
  };
  const sampling = async (): Promise<void> => {
    while (!isOver()) {
      await sleep(SAMPLE_EACH_MS);
      globalThis.gc?.();
      const sample = {
        heap: process.memoryUsage().heapUsed,
        handles: process.getActiveResourcesInfo().length,
      };
      samples.push(sample);
      options.tell(
        `${mib(sample.heap)} MiB heap, ${mib(process.memoryUsage().rss)} MiB resident, ` +
          `${sample.handles} handles, ${counts.talks} talks, ${counts.cuts} cuts, ` +
          `${counts.restarts} restarts`,
      );
    }
  };
  await Promise.all([talking(), cutting(), restarting(), sampling()]);
  await sleep(CUT_MS.most);
  await allLinked(peers, SETTLE_MS);
  faults.push(...lostAndDoubled(peers), ...growth(samples));
  const summary =
    `${peers.length} peers, ${(peers.length * (peers.length - 1)) / 2} links, ${options.seconds} s: ` +
    `${counts.talks} talks of ${TALK_BYTES} bytes each way, ${counts.cuts} cuts, ` +
    `${counts.restarts} restarts of the NATS server, ${faults.length} faults`;
  return { faults, summary };
}

function serve(peer: BoxedPeer): void {
  peer.links.handle(PROTOCOL, async (stream) => {
    const buffer = Buffer.alloc(16 * 1024);
    for (;;) {
      const count = await stream.read(buffer);
      if (count === 0) return;
      await stream.write(buffer.subarray(0, count));
    }
  });
}

async function talkOf(one: BoxedPeer, other: BoxedPeer): Promise<void> {
  const bytes = randomBytes(TALK_BYTES);
  const stream = await one.links.openStream(other.key, PROTOCOL);
  const sent = stream.write(bytes).then(() => stream.end());
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(16 * 1024);
  for (;;) {
    const count = await stream.read(buffer);
    if (count === 0) break;
    hash.update(buffer.subarray(0, count));
  }
  await sent;
  const expected = createHash('sha256').update(bytes).digest('hex');
  if (hash.digest('hex') !== expected) throw new Error('other bytes came back');
}

/** Whether they are, in time. */
async function allLinked(peers: readonly BoxedPeer[], withinMs: number): Promise<boolean> {
  const wanted = peers.length - 1;
  for (const end = performance.now() + withinMs; ;) {
    if (peers.every(({ links }) => links.list().length === wanted)) return true;
    if (performance.now() > end) return false;
    await sleep(100);
  }
}

function lostAndDoubled(peers: readonly BoxedPeer[]): string[] {
  const faults: string[] = [];
  peers.forEach(({ links, events }, index) => {
    const keys = links.list().map(({ peer }) => peer);
    if (new Set(keys).size !== keys.length) faults.push(`peer ${index} has a link twice`);
    if (keys.length !== peers.length - 1) {
      faults.push(`peer ${index} has ${keys.length} links of ${peers.length - 1}`);
    }
    for (const event of events) {
      if (event !== 'up') faults.push(`peer ${index} lost a link: ${event}`);
    }
  });
  return faults;
}

function growth(samples: readonly Sample[]): string[] {
  const steady = samples.slice(Math.ceil(samples.length * WARM_UP));
  const third = Math.max(1, Math.floor(steady.length / 3));
  const early = steady.slice(0, third);
  const late = steady.slice(-third);
  return (['heap', 'handles'] as const).flatMap((what) => {
    const median = (of: readonly Sample[]): number =>
      of.map((sample) => sample[what]).toSorted((a, b) => a - b)[Math.floor(of.length / 2)] ?? 0;
    const [before, after] = [median(early), median(late)];
    return after > before * GROWTH ? [`${what} grew from ${before} to ${after}`] : [];
  });
}

function forEachPair(
  peers: readonly BoxedPeer[],
  act: (one: BoxedPeer, other: BoxedPeer) => void,
): void {
  peers.forEach((one, index) => peers.slice(index + 1).forEach((other) => act(one, other)));
}

function pickTwo(peers: readonly BoxedPeer[], random: () => number): [BoxedPeer, BoxedPeer] {
  const first = Math.floor(random() * peers.length);
  const step = 1 + Math.floor(random() * (peers.length - 1));
  return [peers[first], peers[(first + step) % peers.length]] as [BoxedPeer, BoxedPeer];
}

const cutMs = (random: () => number): number =>
  CUT_MS.least + random() * (CUT_MS.most - CUT_MS.least);

const mib = (bytes: number): string => (bytes / 1024 / 1024).toFixed(0);

/** Mulberry32: the same numbers for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
