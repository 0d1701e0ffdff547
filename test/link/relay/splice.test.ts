import { afterEach, expect, test, vi } from 'vitest';
import { FrameReader } from '../../../main/link/relay/frame-reader.ts';
import { splice, type SpliceSide } from '../../../main/link/relay/splice.ts';
import { frameOf, MAX_RELAYED } from '../../../main/link/relay/wire.ts';
import { TokenBucket } from '../../../main/link/session/token-bucket.ts';
import type { Stream } from '../../../main/link/types.ts';

/** One end of a stream in memory: what the test feeds is read, what is written waits until the test lets it go. */
class MemoryStream implements Stream {
  readonly peer = 'A';
  readonly protocol = '/test';
  readonly header = {};
  readonly written: Buffer[] = [];
  isEnded = false;
  isAborted = false;
  /** Writes wait as long as this is false. */
  isOpen = true;
  #waiting: (() => void)[] = [];
  #fed: Buffer[] = [];
  #hasEnd = false;

  feed(bytes: Buffer): void {
    this.#fed.push(bytes);
    this.#wake();
  }

  feedEnd(): void {
    this.#hasEnd = true;
    this.#wake();
  }

  release(): void {
    this.isOpen = true;
    this.#wake();
  }

  async read(target: Uint8Array): Promise<number> {
    for (;;) {
      if (this.isAborted) throw new Error('aborted');
      const part = this.#fed.shift();
      if (part !== undefined) {
        const taken = part.subarray(0, target.length);
        if (taken.length < part.length) this.#fed.unshift(part.subarray(taken.length));
        target.set(taken);
        return taken.length;
      }
      if (this.#hasEnd) return 0;
      await this.#wait();
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    while (!this.isOpen && !this.isAborted) await this.#wait();
    if (this.isAborted) throw new Error('aborted');
    this.written.push(Buffer.from(bytes));
  }

  async end(): Promise<void> {
    this.isEnded = true;
  }

  abort(): void {
    this.isAborted = true;
    this.#wake();
  }

  get count(): number {
    return Buffer.concat(this.written).length;
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

afterEach(() => void vi.useRealTimers());

const FRAME = frameOf(Buffer.alloc(1_000, 7));
const frames = (count: number): Buffer => Buffer.concat(Array.from({ length: count }, () => FRAME));
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let clock = 0;

function create(bytesPerSecond = 1e9, burst = 1e9) {
  clock = 0;
  const [a, b] = [new MemoryStream(), new MemoryStream()];
  const side = (stream: MemoryStream, isUsable = () => true): SpliceSide => ({
    stream,
    reader: new FrameReader(stream),
    rate: new TokenBucket(bytesPerSecond, burst, 0),
    isUsable,
  });
  let isDirect = true;
  const running = splice(
    side(a),
    side(b, () => isDirect),
    () => clock,
  );
  return { a, b, running, setDirect: (value: boolean) => (isDirect = value) };
}

async function end({ a, b, running }: ReturnType<typeof create>): Promise<void> {
  a.feedEnd();
  b.feedEnd();
  await running.over;
}

test('splice - datagrams go through both ways, however they are cut into pieces', async () => {
  const both = create();
  const bytes = Buffer.concat([frames(3), frameOf(Buffer.alloc(MAX_RELAYED, 1)), frames(2)]);
  for (let at = 0; at < bytes.length; at += 333) both.a.feed(bytes.subarray(at, at + 333));
  both.b.feed(frames(2));
  await settled();
  expect(Buffer.concat(both.b.written).equals(bytes)).toBe(true);
  expect(Buffer.concat(both.a.written).equals(frames(2))).toBe(true);
  await end(both);
  expect(both.a.isEnded && both.b.isEnded).toBe(true);
});

test('splice - no more than its rate goes through from one side', async () => {
  const both = create(10 * FRAME.length, 20 * FRAME.length);
  both.a.feed(frames(50));
  await settled();
  expect(both.b.count).toBe(20 * FRAME.length);
  clock += 1_000;
  both.a.feed(frames(50));
  await settled();
  expect(both.b.count).toBe(30 * FRAME.length);
  await end(both);
});

test('splice - a flood is not even read', async () => {
  const both = create(1, FRAME.length);
  both.a.feed(frames(1));
  const left = { reads: 0 };
  const { read } = both.a;
  both.a.read = (target) => {
    left.reads += 1;
    return read.call(both.a, target);
  };
  both.a.feed(frames(2_000));
  await settled();
  await settled();
  // 2 MB are there; 256 KiB in pieces of 16 KiB were looked at.
  expect(left.reads).toBeLessThan(25);
  both.running.abort();
  await both.running.over;
});

test('splice - a side that takes nothing makes nothing wait but a little', async () => {
  const both = create();
  both.b.isOpen = false;
  both.a.feed(frames(2_000));
  await settled();
  await settled();
  both.b.release();
  await settled();
  await settled();
  // What was in the first write, and what waited behind it.
  expect(both.b.count).toBeLessThanOrEqual((256 + 32) * 1024);
  expect(both.b.count).toBeGreaterThan(200 * 1024);
  await end(both);
});

test('splice - what has waited too long is not sent any more', async () => {
  const both = create();
  both.b.isOpen = false;
  both.a.feed(frames(1));
  await settled();
  both.a.feed(frames(100));
  await settled();
  clock += 300;
  both.a.feed(frames(1));
  await settled();
  both.b.release();
  await settled();
  expect(both.b.count).toBe(2 * FRAME.length);
  await end(both);
});

test('splice - nothing goes over a link that is relayed itself', async () => {
  const both = create();
  both.setDirect(false);
  both.a.feed(frames(5));
  both.b.feed(frames(5));
  await settled();
  expect(both.b.count).toBe(0);
  expect(both.a.count).toBe(5 * FRAME.length);
  await end(both);
});

test('splice - an end that comes alone is passed on, and the other side has not for ever', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const both = create();
  both.a.feed(frames(1));
  both.a.feedEnd();
  await settled();
  expect(both.b.count).toBe(FRAME.length);
  expect(both.b.isEnded).toBe(true);
  expect(both.b.isAborted).toBe(false);
  vi.advanceTimersByTime(2_000);
  await both.running.over;
  expect(both.b.isAborted).toBe(true);
});

test('splice - a connection that carries nothing is ended', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const both = create();
  clock = 91_000;
  vi.advanceTimersByTime(30_000);
  await both.running.over;
  expect(both.a.isAborted && both.b.isAborted).toBe(true);
});
