/** Writes by the thread pool, over real sockets: nothing is lost, doubled, out of order or somebody else's. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PoolSocket, writeInThreadPool } from '../../../main/router/listen/pool-socket.ts';

let server: Server;
beforeEach(async () => {
  writeInThreadPool();
  server = createServer({ pauseOnConnect: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  server.close();
  await once(server, 'close');
});

/** As SocketTransport takes an accepted socket over. */
function adopt(socket: Socket): PoolSocket {
  const inner = socket as unknown as { _handle: object | null; _server: object | null };
  const pool = new PoolSocket({ handle: inner._handle, allowHalfOpen: true } as never);
  (pool as unknown as { _server: object | null })._server = inner._server;
  inner._handle = null;
  inner._server = null;
  return pool;
}

async function pair(): Promise<{ near: PoolSocket; far: Socket }> {
  const connection = once(server, 'connection') as Promise<[Socket]>;
  const far = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  const near = adopt((await connection)[0]);
  near.on('error', () => undefined);
  far.on('error', () => undefined);
  return { near, far };
}

const written = (socket: Socket, bytes: Uint8Array): Promise<Error | null | undefined> =>
  new Promise((resolve) => socket.write(bytes, resolve));

/** Resolves on close, errors or not. */
const gone = (socket: Socket): Promise<unknown> =>
  new Promise((resolve) => socket.once('close', resolve));

test('what is written arrives whole and in order, in pieces of any size, to a slow reader', async () => {
  const { near, far } = await pair();
  const sent = createHash('sha256');
  const came = createHash('sha256');
  let bytes = 0;
  far.on('data', (chunk: Buffer) => {
    came.update(chunk);
    bytes += chunk.length;
    if (bytes % 7 === 0) {
      far.pause();
      setTimeout(() => far.resume(), 2);
    }
  });
  let total = 0;
  for (let n = 0; n < 120; n++) {
    const piece = randomBytes(n % 3 === 0 ? n * 7 + 1 : n * 9_000 + 1);
    sent.update(piece);
    total += piece.length;
    if (n % 10 === 0) near.cork();
    near.write(piece);
    if (n % 10 === 5) near.uncork();
    if (n % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  near.uncork();
  near.end();
  await once(far, 'end');
  expect(bytes).toBe(total);
  expect(came.digest('hex')).toBe(sent.digest('hex'));
  far.end();
  await once(far, 'close');
});

test('a large write leaves the event loop alone and says when it is over', async () => {
  const { near, far } = await pair();
  far.resume();
  const over = written(near, randomBytes(64 * 1_024));
  // With a single processor it is made at once.
  if (availableParallelism() > 1) expect(near.writableLength).toBeGreaterThan(0);
  expect(await over).toBeFalsy();
  expect(near.writableLength).toBe(0);
  near.destroy();
  await once(far, 'close');
});

test('destroyed in the middle of a write, it closes, and its bytes go to nobody else', async () => {
  const marked = Buffer.alloc(256 * 1_024, 0xaa);
  const own = Buffer.alloc(64 * 1_024, 0x55);
  for (let n = 0; n < 60; n++) {
    const { near, far } = await pair();
    far.resume();
    const over = written(near, marked);
    near.destroy();
    const closed = gone(near);
    // It gets the descriptor as soon as that is free.
    const next = await pair();
    next.near.end(own);
    let foreign = 0;
    let bytes = 0;
    next.far.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      for (const byte of chunk) if (byte !== 0x55) foreign++;
    });
    await once(next.far, 'end');
    expect({ foreign, bytes }).toEqual({ foreign: 0, bytes: own.length });
    next.far.destroy();
    await closed;
    await over;
    far.destroy();
  }
});

test('the other end goes away while much waits: the writes fail, and the socket closes', async () => {
  const { near, far } = await pair();
  const results = Promise.all(
    Array.from({ length: 40 }, () => written(near, Buffer.alloc(1_048_576))),
  );
  const closed = gone(near);
  await new Promise((resolve) => setTimeout(resolve, 20));
  far.resetAndDestroy();
  await closed;
  const failures = (await results).filter((error) => error instanceof Error);
  expect(failures.length).toBeGreaterThan(0);
});
