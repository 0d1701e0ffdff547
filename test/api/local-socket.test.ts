import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AnyEvent, ApiPeer, Handlers } from '../../main/api/contract.ts';
import { MAX_CONNECTIONS, MAX_MESSAGE_BYTES } from '../../main/api/limits.ts';
import { connectLocalSocket } from '../../main/api/transports/local-socket-client.ts';
import { localSocketPath } from '../../main/api/transports/local-socket-path.ts';
import { startLocalSocketServer } from '../../main/api/transports/local-socket-server.ts';
import { createLog } from '../../main/base/log.ts';
import { doneOf, notice, progress } from './support/events.ts';
import { fakePeer } from './support/fake-peer.ts';
import { temporaryHome } from './support/homes.ts';

const log = createLog('silent');
const ADA = { name: 'Ada', downloads: '/d' };
const answering: Partial<Handlers> = { 'settings.get': async () => ADA };

async function serve(path: string, peer: ApiPeer = fakePeer(answering)) {
  const server = await startLocalSocketServer({ path, peer, log });
  onTestFinished(() => server.close());
  return server;
}

async function connect(path: string) {
  const client = await connectLocalSocket(path);
  onTestFinished(() => client.close());
  return client;
}

/** A socket without a client behind it, and the lines that come out of it. */
async function connectRaw(path: string) {
  const socket = createConnection(path);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  const lines = async () => {
    const seen: unknown[] = [];
    for await (const line of createInterface({ input: socket })) seen.push(JSON.parse(line));
    return seen;
  };
  return { socket, lines };
}

describe('local socket', () => {
  test('calls, events and errors of the peer arrive at the client', async () => {
    const path = localSocketPath(temporaryHome());
    const peer = fakePeer(answering);
    await serve(path, peer);
    const client = await connect(path);
    expect(await client.call('settings.get', {})).toEqual(ADA);
    await expect(client.call('links.list', {})).rejects.toMatchObject({
      code: 'not-here',
      hint: 'Give its handler.',
    });
    const seen: AnyEvent[] = [];
    client.onEvent((event) => seen.push(event));
    await client.call('settings.get', {});
    peer.emit(notice('hello'));
    await expect.poll(() => seen).toEqual([notice('hello')]);
  });

  test('the socket is for its owner alone, and goes with its server', async () => {
    const path = localSocketPath(temporaryHome());
    mkdirSync(dirname(path), { mode: 0o755 });
    const server = await serve(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    await server.close();
    expect(existsSync(path)).toBe(false);
  });

  test('a folder that is a link is not trusted with the socket', async () => {
    const home = temporaryHome();
    symlinkSync(temporaryHome(), join(home, 'run'));
    await expect(
      startLocalSocketServer({ path: localSocketPath(home), peer: fakePeer(), log }),
    ).rejects.toMatchObject({ code: 'socket-folder-unsafe' });
  });

  test('a home too deep for a socket gets one in the runtime folder, the same by every spelling', async () => {
    const home = temporaryHome();
    const deep = join(home, 'x'.repeat(120));
    mkdirSync(deep);
    symlinkSync(deep, join(home, 'short'));
    const path = localSocketPath(deep);
    expect(Buffer.byteLength(path)).toBeLessThanOrEqual(103);
    expect(localSocketPath(join(home, 'short'))).toBe(path);
    expect(localSocketPath(join(home, '.', 'x'.repeat(120), ''))).toBe(path);
    expect(localSocketPath(`${deep}2`)).not.toBe(path);
    await serve(path);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    expect(await (await connect(path)).call('settings.get', {})).toEqual(ADA);
  });

  test('without a peer the client says what to do', async () => {
    const path = localSocketPath(temporaryHome());
    const expected = { code: 'not-running', hint: expect.stringContaining('skerry up') as string };
    await expect(connectLocalSocket(path)).rejects.toMatchObject(expected);
    mkdirSync(dirname(path), { mode: 0o700 });
    writeFileSync(path, '');
    await expect(connectLocalSocket(path)).rejects.toMatchObject(expected);
  });

  test('a client that is told to stop before it connects rejects with that reason', async () => {
    const reason = new Error('enough');
    await expect(
      connectLocalSocket('/nowhere', { signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
  });
});

describe('local socket - one peer for a home', () => {
  test('a second server is refused and the first goes on', async () => {
    const path = localSocketPath(temporaryHome());
    await serve(path);
    await expect(startLocalSocketServer({ path, peer: fakePeer(), log })).rejects.toMatchObject({
      code: 'already-running',
    });
    expect(await (await connect(path)).call('settings.get', {})).toEqual(ADA);
  });

  test('the socket of a killed peer is replaced, the socket of a live one is not', async () => {
    const path = localSocketPath(temporaryHome());
    const script = fileURLToPath(new URL('support/hold-socket.ts', import.meta.url));
    const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    await expect(serve(path)).rejects.toMatchObject({ code: 'already-running' });
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(existsSync(path)).toBe(true);
    await expect(connectLocalSocket(path)).rejects.toMatchObject({ code: 'not-running' });

    await serve(path);
    expect(await (await connect(path)).call('settings.get', {})).toEqual(ADA);
  });
});

describe('local socket - ends and limits', () => {
  test('a client that goes aborts its calls', async () => {
    const path = localSocketPath(temporaryHome());
    let aborted = 0;
    const started = Promise.withResolvers<undefined>();
    await serve(
      path,
      fakePeer({
        'settings.get': (_params, signal) => {
          signal.addEventListener('abort', () => (aborted += 1));
          started.resolve(undefined);
          return new Promise(() => undefined);
        },
      }),
    );
    const client = await connect(path);
    const call = client.call('settings.get', {});
    await started.promise;
    client.close();
    await expect(call).rejects.toMatchObject({ code: 'connection-lost' });
    await expect(client.closed).resolves.toBeUndefined();
    await expect.poll(() => aborted).toBe(1);
    await expect(client.call('settings.get', {})).rejects.toMatchObject({
      code: 'connection-lost',
    });
  });

  test('a call that is given up is aborted in the peer and rejects with its reason', async () => {
    const path = localSocketPath(temporaryHome());
    let aborted = 0;
    await serve(
      path,
      fakePeer({
        ...answering,
        'links.list': (_params, signal) => {
          signal.addEventListener('abort', () => (aborted += 1));
          return new Promise(() => undefined);
        },
      }),
    );
    const client = await connect(path);
    const controller = new AbortController();
    const call = client.call('links.list', {}, { signal: controller.signal });
    const reason = new Error('changed my mind');
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    await expect.poll(() => aborted).toBe(1);
    expect(await client.call('settings.get', {})).toEqual(ADA);
  });

  test('the end of the server rejects what is open, after the answers that were given', async () => {
    const path = localSocketPath(temporaryHome());
    const server = await serve(
      path,
      fakePeer({
        'peer.stop': async () => {
          setImmediate(() => void server.close());
          return {};
        },
        'links.list': () => new Promise(() => undefined),
      }),
    );
    const client = await connect(path);
    const open = client.call('links.list', {});
    open.catch(() => undefined);
    expect(await client.call('peer.stop', {})).toEqual({});
    await expect(open).rejects.toMatchObject({ code: 'connection-lost' });
    await expect(client.closed).rejects.toMatchObject({ code: 'connection-lost' });
  });

  test('a message over the limit, no UTF-8 or no JSON ends the connection with a sentence', async () => {
    const path = localSocketPath(temporaryHome());
    await serve(path);
    const cases: [string | Buffer, string][] = [
      ['x'.repeat(MAX_MESSAGE_BYTES + 1), 'message-too-large'],
      [Buffer.from([0xff, 0x0a]), 'bad-message'],
      ['GET / HTTP/1.1\r\n', 'bad-message'],
    ];
    for (const [bytes, code] of cases) {
      const { socket, lines } = await connectRaw(path);
      socket.write(bytes);
      expect(await lines()).toMatchObject([{ id: -1, error: { code } }]);
    }
    expect(await (await connect(path)).call('settings.get', {})).toEqual(ADA);
  });

  test('one connection too many is told so', async () => {
    const path = localSocketPath(temporaryHome());
    await serve(path);
    const clients = [];
    for (let i = 0; i < MAX_CONNECTIONS; i += 1) clients.push(await connect(path));
    const more = await connect(path);
    await expect(more.closed).rejects.toMatchObject({ code: 'too-many-connections' });
    clients[0]?.close();
    await expect
      .poll(async () => {
        const client = await connect(path);
        return client.call('settings.get', {}).catch(() => undefined);
      })
      .toEqual(ADA);
  });

  test('a client that never reads holds back its own calls and events, not the memory of the peer', async () => {
    const path = localSocketPath(temporaryHome());
    let served = 0;
    const big = { name: 'Ada', downloads: 'x'.repeat(16_000) };
    const peer = fakePeer({
      'settings.get': async () => {
        served += 1;
        return big;
      },
    });
    await serve(path, peer);
    const { socket } = await connectRaw(path);
    socket.pause();
    socket.write('{"subscribe":true}\n');
    const calls = 4_000;
    for (let id = 0; id < calls; id += 1) {
      socket.write(`{"id":${id},"call":"settings.get","params":{}}\n`);
    }
    await expect.poll(() => peer.listeners()).toBe(1);
    const settled = async () => {
      const before = served;
      await new Promise((resolve) => setTimeout(resolve, 200));
      return served === before && served > 0;
    };
    await expect.poll(settled, { timeout: 20_000 }).toBe(true);
    // 1 MiB of answers waits in the peer and some more in the system; the rest was never asked.
    expect(served * 16_000).toBeLessThan(8 * 1024 * 1024);
    for (let done = 1; done <= 10_000; done += 1) peer.emit(progress('t', done));
    expect(await (await connect(path)).call('settings.get', {})).toEqual(big);

    let answers = 0;
    let last: number | null = null;
    for await (const line of createInterface({ input: socket })) {
      const message = JSON.parse(line) as AnyEvent | { id: number };
      if ('event' in message) last = doneOf(message);
      else answers += 1;
      if (answers === calls && last === 10_000) break;
    }
    expect({ answers, last }).toEqual({ answers: calls, last: 10_000 });
  });

  test('a server closes although a client never reads', async () => {
    const path = localSocketPath(temporaryHome());
    const big = { name: 'Ada', downloads: 'x'.repeat(16_000) };
    const server = await serve(path, fakePeer({ 'settings.get': async () => big }));
    const { socket } = await connectRaw(path);
    socket.pause();
    for (let id = 0; id < 1000; id += 1) {
      socket.write(`{"id":${id},"call":"settings.get","params":{}}\n`);
    }
    expect(await (await connect(path)).call('settings.get', {})).toEqual(big);
    await server.close();
    expect(existsSync(path)).toBe(false);
  });
});
