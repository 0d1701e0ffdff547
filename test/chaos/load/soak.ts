/** Peers that are all linked, random talk between them, cuts of their paths and kills of their NATS server. */
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BoxedPeer, BoxedPeers } from '../../link/paths/boxed-peers.ts';

const PROTOCOL = '/test/echo/1';
const TALK_BYTES = 64 * 1024;
/** Between two talks, of all peers together, ms. */
const TALK_EACH_MS = 50;
/** How long the UDP of a peer stays cut, and the NATS server away, ms. */
const AWAY_MS = { least: 500, most: 5_000 };
/** Between the starts of two cuts, ms. */
const CUT_EACH_MS = 1_000;
/** Between two kills of the NATS server, ms. */
const KILL_EACH_MS = 20_000;
const SAMPLE_EACH_MS = 10_000;
/** The part of the run in which memory may still grow. */
const WARM_UP = 0.3;
/** What memory and handles may grow by after that, of what they were. */
const GROWTH = 1.15;
const SETTLE_MS = 30_000;

export interface SoakOptions {
  readonly peers: number;
  readonly seconds: number;
  readonly seed: number;
  readonly tell: (line: string) => void;
}

interface Sample {
  readonly heap: number;
  readonly resident: number;
  readonly handles: number;
}

export async function soakLinks(
  options: SoakOptions,
): Promise<{ faults: string[]; summary: string }> {
  await using boxed = await BoxedPeers.start();
  for (let count = 0; count < options.peers; count += 1) serve(await boxed.add());
  forEachPair(boxed.peers, (one, other) => boxed.introduce(one, other));
  const isLinked = await allLinked(boxed.peers, SETTLE_MS);
  const soak = new Soak(boxed, options);
  if (!isLinked) soak.faults.push('not all were linked when it began');
  await soak.run();
  return { faults: soak.faults, summary: soak.summary() };
}

/** What happens to the peers at the same time, and what was wrong with it. */
class Soak {
  readonly faults: string[] = [];
  readonly #boxed: BoxedPeers;
  readonly #options: SoakOptions;
  readonly #random: () => number;
  readonly #endsAt: number;
  readonly #samples: Sample[] = [];
  readonly #counts = { talks: 0, cuts: 0, kills: 0 };

  constructor(boxed: BoxedPeers, options: SoakOptions) {
    this.#boxed = boxed;
    this.#options = options;
    this.#random = createRandom(options.seed);
    this.#endsAt = performance.now() + options.seconds * 1_000;
  }

  async run(): Promise<void> {
    const { peers } = this.#boxed;
    for (const peer of peers) peer.events.length = 0;
    await Promise.all([this.#talk(), this.#cut(), this.#kill(), this.#sample()]);
    await sleep(AWAY_MS.most);
    await allLinked(peers, SETTLE_MS);
    this.faults.push(...lostAndDoubled(peers), ...growth(this.#samples));
  }

  summary(): string {
    const { peers, seconds } = this.#options;
    const links = (peers * (peers - 1)) / 2;
    return `${peers} peers, ${links} links, ${seconds} s: ${this.#progress()}, ${this.faults.length} faults`;
  }

  async #talk(): Promise<void> {
    const under = new Set<Promise<void>>();
    while (!this.#isOver()) {
      const [one, other] = pickTwo(this.#boxed.peers, this.#random);
      const talk = talkOf(one, other)
        .then(() => void (this.#counts.talks += 1))
        .catch((error: unknown) => void this.faults.push(`talk: ${String(error)}`))
        .finally(() => under.delete(talk));
      under.add(talk);
      await sleep(TALK_EACH_MS);
    }
    await Promise.all(under);
  }

  async #cut(): Promise<void> {
    const { peers } = this.#boxed;
    while (!this.#isOver()) {
      const peer = peers[Math.floor(this.#random() * peers.length)] as BoxedPeer;
      if (!peer.isCut) {
        peer.isCut = true;
        this.#counts.cuts += 1;
        setTimeout(() => (peer.isCut = false), this.#awayMs());
      }
      await sleep(CUT_EACH_MS);
    }
  }

  async #kill(): Promise<void> {
    const { server } = this.#boxed;
    while (!this.#isOver()) {
      await sleep(KILL_EACH_MS);
      await server.stop('SIGKILL');
      this.#counts.kills += 1;
      await sleep(this.#awayMs());
      await server.start();
    }
  }

  async #sample(): Promise<void> {
    while (!this.#isOver()) {
      await sleep(SAMPLE_EACH_MS);
      globalThis.gc?.();
      const { heapUsed: heap, rss: resident } = process.memoryUsage();
      const handles = process.getActiveResourcesInfo().length;
      this.#samples.push({ heap, resident, handles });
      this.#options.tell(
        `${mib(heap)} MiB heap, ${mib(resident)} MiB resident, ${handles} handles, ${this.#progress()}`,
      );
    }
  }

  #isOver(): boolean {
    return performance.now() >= this.#endsAt;
  }

  #awayMs(): number {
    return AWAY_MS.least + this.#random() * (AWAY_MS.most - AWAY_MS.least);
  }

  #progress(): string {
    const { talks, cuts, kills } = this.#counts;
    return `${talks} talks of ${TALK_BYTES / 1024} KiB each way, ${cuts} cuts, ${kills} kills of the server`;
  }
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
  return (['heap', 'resident', 'handles'] as const).flatMap((what) => {
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
