import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Peer } from '../../main/peer/types.ts';
import { introduce, TestPeers, until } from '../peer/peers-support.ts';
import { dial, digestAll, fate, freePort, pour, Program, readAll } from './support/programs.ts';

const MIB = 1024 * 1024;

let peers: TestPeers;
let host: Peer;
let guest: Peer;

beforeAll(async () => {
  peers = new TestPeers();
  host = await peers.start('host');
  guest = await peers.start('guest');
  await introduce(host, guest);
});
afterAll(() => peers[Symbol.asyncDispose]());

let count = 0;

/** Exposes a program at the host and forwards it at the guest; returns where it is to be reached there. */
async function reach(
  onSocket: (socket: Socket) => void,
  listen = '127.0.0.1:0',
  where: number | string = 0,
): Promise<{ program: Program; name: string; listen: string; id: string }> {
  const program = await Program.start(onSocket, where);
  count += 1;
  const name = `service-${count}`;
  host.forwarding.expose({ name, target: program.target, audience: [guest.key] });
  const forward = await guest.forwarding.forward({
    peer: host.key,
    service: name,
    listen,
    allowRemote: false,
  });
  onTestFinished(async () => {
    await program.close();
    if (guest.forwarding.forwards().some(({ id }) => id === forward.id)) {
      guest.forwarding.unforward(forward.id);
    }
    if (host.forwarding.services().some((service) => service.name === name)) {
      host.forwarding.unexpose(name);
    }
  });
  return { program, name, listen: forward.listen, id: forward.id };
}

const echo = (socket: Socket): void => void socket.pipe(socket);

describe('forward', () => {
  test('forward - carries 50 MiB in both directions at once, every byte of it', async () => {
    const atHost = Promise.withResolvers<{ got: unknown; sent: string }>();
    const { listen } = await reach((socket) => {
      void Promise.all([digestAll(socket), pour(socket, 50 * MIB, 7)]).then(([got, sent]) =>
        atHost.resolve({ got, sent }),
      );
    });
    const socket = await dial(listen);
    const [got, sent] = await Promise.all([digestAll(socket), pour(socket, 50 * MIB, 99)]);
    const there = await atHost.promise;
    expect(got).toEqual({ sha256: there.sent, bytes: 50 * MIB });
    expect(there.got).toEqual({ sha256: sent, bytes: 50 * MIB });
  });

  test('forward - the client ends first and still gets the whole answer', async () => {
    const { listen } = await reach((socket) => {
      void readAll(socket).then((request) => socket.end(Buffer.concat([request, request])));
    });
    const socket = await dial(listen);
    socket.end('twice');
    expect(String(await readAll(socket))).toBe('twicetwice');
  });

  test('forward - the program ends first and still gets all that the client has to say', async () => {
    const heard = Promise.withResolvers<string>();
    const { listen } = await reach((socket) => {
      socket.end('hello');
      void readAll(socket).then((bytes) => heard.resolve(String(bytes)));
    });
    const socket = await dial(listen);
    expect(String(await readAll(socket))).toBe('hello');
    socket.write('one ');
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.end('two');
    expect(await heard.promise).toBe('one two');
  });

  test('forward - a HTTP server is used by fetch as if it were here', async () => {
    const server = createServer((request, response) => {
      request.pipe(response.setHeader('x-path', request.url ?? ''));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close().closeAllConnections());
    const { port } = server.address() as AddressInfo;
    host.forwarding.expose({ name: 'web', target: String(port), audience: 'everyone' });
    onTestFinished(() => host.forwarding.unexpose('web'));
    const { listen, id } = await guest.forwarding.forward({
      peer: host.key,
      service: 'web',
      listen: '0',
      allowRemote: false,
    });
    onTestFinished(() => guest.forwarding.unforward(id));
    const body = 'x'.repeat(200_000);
    const answers = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        const response = await fetch(`http://${listen}/${index}`, { method: 'POST', body });
        return { path: response.headers.get('x-path'), same: (await response.text()) === body };
      }),
    );
    expect(answers).toEqual(answers.map((_, index) => ({ path: `/${index}`, same: true })));
  });

  test('forward - sixty connections at once keep apart', async () => {
    const { listen } = await reach(echo);
    const sockets = await Promise.all(Array.from({ length: 60 }, () => dial(listen)));
    const answers = await Promise.all(
      sockets.map(async (socket, index) => {
        socket.end(`connection ${index} `.repeat(1000));
        return String(await readAll(socket));
      }),
    );
    expect(answers).toEqual(answers.map((_, index) => `connection ${index} `.repeat(1000)));
    await until(
      () => guest.forwarding.forwards().every(({ connections }) => connections === 0),
      '0',
    );
  });

  test('forward - Unix sockets on both sides', async () => {
    const { listen } = await reach(echo, `unix:${peers.path('in')}`, peers.path('out'));
    expect(listen).toBe(`unix:${peers.path('in')}`);
    const socket = await dial(listen);
    socket.end('by path');
    expect(String(await readAll(socket))).toBe('by path');
  });

  test('forward - a program that dies in the middle resets the client, it does not end it', async () => {
    const { listen, program } = await reach((socket) => socket.write('begun'));
    const socket = await dial(listen);
    await once(socket, 'data');
    const seen = fate(socket);
    program.sockets[0]?.resetAndDestroy();
    expect(await seen).toBe('ECONNRESET');
  });

  test('forward - a client that dies in the middle resets the program', async () => {
    const died = Promise.withResolvers<string>();
    const { listen } = await reach((socket) => void fate(socket).then(died.resolve));
    const socket = await dial(listen);
    socket.write('begun');
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.resetAndDestroy();
    expect(await died.promise).toBe('ECONNRESET');
  });

  test('forward - a link that goes down in the middle resets both ends', async () => {
    const died = Promise.withResolvers<string>();
    const { listen } = await reach((socket) => {
      socket.write('begun');
      void fate(socket).then(died.resolve);
    });
    const socket = await dial(listen);
    await once(socket, 'data');
    const seen = fate(socket);
    await host.pause();
    expect([await seen, await died.promise]).toEqual(['ECONNRESET', 'ECONNRESET']);
    await until(() => guest.links.get(host.key) === undefined, 'the end of the link');
    const during = await dial(listen);
    // The link comes back within the five seconds that a connection waits for it.
    await host.resume();
    expect(String(await once(during, 'data'))).toBe('begun');
    during.destroy();
  });

  test('forward - a slow reader holds the sender back, and nothing piles up', async () => {
    let written = 0;
    const { listen } = await reach((socket) => {
      const block = Buffer.alloc(64 * 1024);
      const fill = (): void => {
        while (!socket.destroyed && socket.write(block)) written += block.length;
      };
      socket.on('drain', fill);
      fill();
    });
    const socket = await dial(listen);
    socket.pause();
    let before = 0;
    let since = Date.now();
    await until(() => {
      if (written > before) since = Date.now();
      before = written;
      return written > 0 && Date.now() - since > 300;
    }, 'the sender stands still');
    // The kernel's buffers of four sockets and one stream's window, far below what was offered.
    expect(written).toBeLessThan(48 * MIB);
    socket.destroy();
  });

  test('forward - a program that is not running is told as such, and the client is reset', async () => {
    const port = await freePort();
    host.forwarding.expose({ name: 'gone', target: `127.0.0.1:${port}`, audience: 'everyone' });
    onTestFinished(() => host.forwarding.unexpose('gone'));
    const { listen, id } = await guest.forwarding.forward({
      peer: host.key,
      service: 'gone',
      listen: '127.0.0.1:0',
      allowRemote: false,
    });
    onTestFinished(() => guest.forwarding.unforward(id));
    expect(await fate(await dial(listen))).toBe('ECONNRESET');
    const forward = guest.forwarding.forwards().find((one) => one.id === id);
    expect(forward).toMatchObject({
      state: 'listening',
      error: { code: 'service-target-refused' },
    });
  });
});
