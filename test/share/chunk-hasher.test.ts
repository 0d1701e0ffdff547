import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { LinkError } from '../../main/link/errors.ts';
import { BufferPool } from '../../main/share/buffer-pool.ts';
import { CHUNK_BYTES } from '../../main/share/chunk-tree.ts';
import { ChunkHasher, createChunkBuffer } from '../../main/share/pull/chunk-hasher.ts';
import { SourceStream } from '../../main/share/pull/source-stream.ts';
import { bytesFrame } from './support/scripted-source.ts';

const leaf = (content: Buffer): Buffer =>
  createHash('sha256')
    .update(Buffer.concat([Buffer.of(0), content]))
    .digest();

test('chunk hasher - gives the leaf of each chunk, small and large, many at once, after an end too', async () => {
  const hasher = new ChunkHasher();
  for (let round = 0; round < 2; round += 1) {
    const hashed = [1, 1_000, 32_768, 32_769, CHUNK_BYTES - 1, CHUNK_BYTES].map(async (size) => {
      const content = randomBytes(size);
      const buffer = createChunkBuffer();
      content.copy(buffer, 1);
      expect(Buffer.from(await hasher.leafOf(buffer, size))).toEqual(leaf(content));
    });
    await Promise.all(hashed);
    await hasher.close();
  }
});

test('chunk hasher - what is under way when it is closed fails', async () => {
  const hasher = new ChunkHasher();
  const hashing = hasher.leafOf(createChunkBuffer(), CHUNK_BYTES);
  await Promise.all([
    expect(hashing).rejects.toThrow('the hashing thread was ended'),
    hasher.close(),
  ]);
});

test('buffer pool - lends no more than its limit, in order, and forgets who gives up', async () => {
  const pool = new BufferPool(1, () => Buffer.alloc(1));
  const never = new AbortController();
  const first = await pool.take(never.signal);
  const gone = new AbortController();
  const impatient = Promise.resolve(pool.take(gone.signal));
  const patient = Promise.resolve(pool.take(never.signal));
  gone.abort(new Error('no time'));
  await expect(impatient).rejects.toThrow('no time');
  pool.release(first);
  expect(await patient).toBe(first);
  expect(() => pool.take(gone.signal)).toThrow('no time');
});

test('source stream - gives the buffer back of a chunk that breaks off', async () => {
  const answer = bytesFrame(Buffer.alloc(1_000)).subarray(0, 500);
  let given = false;
  const stream = new SourceStream({
    peer: 'A',
    protocol: '',
    header: {},
    read: async (target) => {
      if (given) throw new LinkError('stream-reset', 'The stream was given up.');
      given = true;
      target.set(answer);
      return answer.length;
    },
    write: async () => undefined,
    end: async () => undefined,
    abort: () => undefined,
  });
  let lent = 0;
  const read = stream.read(
    {
      do: 'read',
      share: 's',
      path: 'p',
      id: new Uint8Array(32),
      group: 0,
      first: 0,
      count: 1,
      proof: false,
      check: false,
    },
    1_000,
    {
      proof: () => undefined,
      buffer: () => {
        lent += 1;
        return createChunkBuffer();
      },
      release: () => {
        lent -= 1;
      },
      chunk: () => undefined,
    },
  );
  await expect(read).rejects.toMatchObject({ code: 'stream-reset' });
  expect(lent).toBe(0);
});
