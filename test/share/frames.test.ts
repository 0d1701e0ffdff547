import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameError, FrameReader, StreamEnded } from '../../main/share/frame-reader.ts';
import { FrameWriter } from '../../main/share/frame-writer.ts';
import { MAX_FRAME_BYTES } from '../../main/share/wire.ts';
import { frame } from './support/scripted-source.ts';

/** A stream that gives bytes in pieces of these sizes, over and over. */
function pieces(
  bytes: Buffer,
  sizes: readonly number[],
): { read: (target: Uint8Array) => Promise<number> } {
  let at = 0;
  let turn = 0;
  return {
    read: async (target) => {
      const size = sizes[turn++ % sizes.length] ?? 1;
      const piece = bytes.subarray(at, at + Math.min(size, target.length));
      target.set(piece);
      at += piece.length;
      return piece.length;
    },
  };
}

test('frames - come out as they went in, however the stream cuts them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.nat({ max: 90_000 })), { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 5 }),
      async (shapes, sizes) => {
        const sent: Buffer[] = [];
        const writer = new FrameWriter({
          write: async (bytes) => void sent.push(Buffer.from(bytes)),
        });
        const payloads = shapes.map(([, length], i) => Buffer.alloc(length, i + 1));
        for (const [i, [kind]] of shapes.entries()) await writer.frame(kind, payloads[i] as Buffer);
        await writer.flush();
        const reader = new FrameReader(pieces(Buffer.concat(sent), sizes));
        for (const [i, [kind, length]] of shapes.entries()) {
          const head = await reader.next();
          expect(head).toEqual({ kind, length });
          if (head !== undefined) expect(await reader.payload(head, length)).toEqual(payloads[i]);
        }
        expect(await reader.next()).toBeUndefined();
      },
    ),
    { numRuns: 30 },
  );
});

test('frames - small ones are gathered into few writes', async () => {
  let writes = 0;
  const writer = new FrameWriter({
    write: async () => {
      writes += 1;
    },
  });
  for (let i = 0; i < 100; i += 1) await writer.frame(0, Buffer.alloc(100));
  await writer.flush();
  await writer.flush();
  expect(writes).toBe(1);
});

test('frames - one that declares too much, or more than the reader takes, is refused', async () => {
  const huge = Buffer.from([0xff, 0xff, 0xff, 0xff, 1]);
  await expect(new FrameReader(pieces(huge, [5])).next()).rejects.toThrow(FrameError);
  const big = frame(1, Buffer.alloc(100));
  const reader = new FrameReader(pieces(big, [200]));
  const head = await reader.next();
  await expect(reader.payload(head ?? { kind: 0, length: 0 }, 99)).rejects.toThrow(FrameError);
  expect(MAX_FRAME_BYTES).toBeLessThan(1024 * 1024);
});

test('frames - an end inside a frame is told from an end between two', async () => {
  const whole = frame(1, Buffer.alloc(100));
  for (const cut of [1, 4, 5, 50, 104]) {
    const reader = new FrameReader(pieces(whole.subarray(0, cut), [1_000]));
    const read = async (): Promise<unknown> => {
      const head = await reader.next();
      return head && reader.payload(head, 1_000);
    };
    await expect(read()).rejects.toThrow(StreamEnded);
  }
});
