import { describe, expect, test } from 'vitest';
import { Outbound } from '../../../main/router/connection/outbound.ts';
import { SlabPool } from '../../../main/router/connection/slab.ts';
import type { Transport } from '../../../main/router/listen/transport.ts';

/** Takes bytes at once, or only when it is told to. */
class SlowTransport implements Transport {
  readonly remoteAddress = '';
  readonly remotePort = 0;
  open = true;
  received = '';
  #held: Uint8Array[] = [];

  write(bytes: Uint8Array): boolean {
    return this.writeAll([bytes]);
  }

  writeAll(pieces: readonly Uint8Array[]): boolean {
    if (this.open) this.#take(pieces);
    else this.#held.push(...pieces);
    return this.open;
  }

  /** What was held goes out now. */
  letGo(): void {
    this.#take(this.#held);
    this.#held = [];
  }

  start(): void {}
  pause(): void {}
  resume(): void {}
  end(): void {}
  destroy(): void {}

  #take(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) this.received += Buffer.from(piece).toString('latin1');
  }
}

function create(maxPending = 1_000_000) {
  const transport = new SlowTransport();
  const calls = { touched: 0, congested: 0, overflowed: 0 };
  const outbound = new Outbound(
    transport,
    new SlabPool(),
    {
      touched: () => calls.touched++,
      congested: () => calls.congested++,
      overflowed: () => calls.overflowed++,
    },
    maxPending,
  );
  return { transport, outbound, calls };
}

const line = (n: number): string => `line ${String(n)} ${'x'.repeat(n % 300)}\r\n`;

describe('outbound', () => {
  test('what is written goes out with the flush, once', () => {
    const { transport, outbound, calls } = create();
    outbound.writeText('one\r\n');
    outbound.writeText('two\r\n');
    expect(transport.received).toBe('');
    expect(calls.touched).toBe(1);
    outbound.flush();
    outbound.flush();
    expect(transport.received).toBe('one\r\ntwo\r\n');
    expect(outbound.pending).toBe(0);
    expect(outbound.slab).toBeUndefined();
  });

  test('everything arrives in order, however slow the other end is', () => {
    const { transport, outbound } = create(10_000_000);
    let expected = '';
    for (let n = 0; n < 3_000; n++) {
      transport.open = n % 700 < 200;
      outbound.writeText(line(n));
      expected += line(n);
      if (n % 50 === 0) outbound.flush();
      if (n % 400 === 399 && outbound.blocked) {
        transport.letGo();
        outbound.written();
      }
    }
    for (let n = 0; n < 10 && outbound.pending > 0; n++) {
      transport.open = true;
      if (outbound.blocked) {
        transport.letGo();
        outbound.written();
      } else {
        outbound.flush();
      }
    }
    expect(transport.received).toBe(expected);
    expect(outbound.pending).toBe(0);
  });

  test('much goes out in few large writes, little in a small slab', () => {
    const { transport, outbound } = create();
    const sizes: number[] = [];
    const write = transport.write.bind(transport);
    transport.write = (bytes) => {
      sizes.push(bytes.length);
      return write(bytes);
    };
    for (let turn = 0; turn < 3; turn++) {
      for (let n = 0; n < 1_000; n++) outbound.writeText(`${'x'.repeat(98)}\r\n`);
      outbound.flush();
    }
    expect(sizes).toEqual([100_000, 100_000, 100_000]);
    outbound.writeText('short\r\n');
    outbound.flush();
    outbound.writeText('short\r\n');
    expect(outbound.slab?.size).toBe(2_048);
  });

  test('a receiver that takes nothing is reported before and when the limit is passed', () => {
    const { transport, outbound, calls } = create(500_000);
    transport.open = false;
    outbound.writeText('first\r\n');
    outbound.flush();
    for (let n = 0; n < 20_000 && calls.overflowed === 0; n++) outbound.writeText('y'.repeat(100));
    expect(calls.congested).toBeGreaterThan(0);
    expect(calls.overflowed).toBe(1);
    expect(outbound.pending).toBeLessThan(600_000);
  });

  test('a message larger than any slab is sent whole', () => {
    const { transport, outbound } = create(10_000_000);
    const large = 'z'.repeat(3_000_000);
    outbound.writeText('before\r\n');
    outbound.writeText(large);
    outbound.writeText('after\r\n');
    outbound.flush();
    expect(transport.received).toBe(`before\r\n${large}after\r\n`);
  });

  test('what was written before the end goes out, what comes after it does not', () => {
    const { transport, outbound } = create();
    outbound.writeText('last\r\n');
    outbound.finish();
    outbound.writeText('too late\r\n');
    outbound.flush();
    expect(transport.received).toBe('last\r\n');
  });
});
