import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import type { AnyEvent } from '../../main/api/contract.ts';
import { MAX_CONNECTIONS, MAX_MESSAGE_BYTES } from '../../main/api/limits.ts';
import { createWebSocketTransport } from '../../main/api/transports/web-socket-server.ts';
import { createLog } from '../../main/base/log.ts';
import { doneOf, notice, progress } from './support/events.ts';
import { fakePeer } from './support/fake-peer.ts';
import { ask, askRaw, openPage, openSocket, signIn, startUi } from './support/ui.ts';

const ADA = { name: 'Ada', downloads: '/d' };

describe('web socket - who gets in', () => {
  test('a signed-in page of this server, by each of its names', async () => {
    const ui = await startUi();
    const Cookie = await signIn(ui);
    for (const name of ['127.0.0.1', 'localhost', '[::1]']) {
      const Host = `${name}:${ui.port}`;
      const opened = await openSocket(ui, { Cookie, Host, Origin: `http://${Host}` });
      expect(opened).toHaveProperty('socket');
    }
  });

  test('nobody else, each with a status and a sentence', async () => {
    const ui = await startUi();
    const Cookie = await signIn(ui);
    const Origin = `http://127.0.0.1:${ui.port}`;
    const refused: [string, number, Record<string, string>, string?][] = [
      ['no cookie', 401, { Origin }],
      ['a wrong cookie', 401, { Origin, Cookie: `${Cookie.slice(0, -4)}AAAA` }],
      ['no Origin', 403, { Cookie }],
      ['a foreign Origin', 403, { Cookie, Origin: 'http://evil.example' }],
      ['the null Origin', 403, { Cookie, Origin: 'null' }],
      ['another port', 403, { Cookie, Origin: 'http://127.0.0.1:1' }],
      ['another scheme', 403, { Cookie, Origin: `https://127.0.0.1:${ui.port}` }],
      ['another own name', 403, { Cookie, Origin: `http://localhost:${ui.port}` }],
      ['a foreign Host', 403, { Cookie, Origin, Host: `evil.example:${ui.port}` }],
      [
        'a rebound name',
        403,
        { Cookie, Origin: `http://evil.example:${ui.port}`, Host: `evil.example:${ui.port}` },
      ],
      ['another path', 404, { Cookie, Origin }, '/session'],
    ];
    for (const [what, status, headers, path] of refused) {
      const answer = await openSocket(ui, headers, path);
      expect({ what, ...answer }).toMatchObject({ what, status });
      expect({ what, text: 'text' in answer && answer.text }).toMatchObject({
        text: expect.stringMatching(/^[A-Z].+\.\n$/) as string,
      });
    }
  });

  test('a handshake that is none, or for another protocol, is answered too', async () => {
    const ui = await startUi();
    const host = `Host: 127.0.0.1:${ui.port}\r\nOrigin: http://127.0.0.1:${ui.port}\r\n`;
    const cookie = `Cookie: ${await signIn(ui)}\r\n`;
    const start = `GET /api HTTP/1.1\r\n${host}${cookie}Connection: Upgrade\r\n`;
    expect(await askRaw(ui, `${start}Upgrade: websocket\r\n\r\n`)).toMatch(/^HTTP\/1.1 400 /);
    expect(await askRaw(ui, `${start}Upgrade: h2c\r\n\r\n`)).toMatch(/^HTTP\/1.1 4\d\d /);
  });

  test('one page too many is refused, and let in when another has gone', async () => {
    const ui = await startUi();
    const headers = { Cookie: await signIn(ui), Origin: `http://127.0.0.1:${ui.port}` };
    const open = [];
    for (let i = 0; i < MAX_CONNECTIONS; i += 1) open.push(await openSocket(ui, headers));
    expect(await openSocket(ui, headers)).toMatchObject({ status: 503 });
    const first = open[0];
    if (first && 'socket' in first) first.socket.terminate();
    await expect.poll(async () => 'socket' in (await openSocket(ui, headers))).toBe(true);
    expect((await ask(ui)).status).toBe(200);
  });
});

describe('web socket - calls and events', () => {
  test('calls, errors and events reach the page', async () => {
    const api = fakePeer({ 'settings.get': async () => ADA });
    const { client } = await openPage(await startUi({ api }));
    expect(await client.call('settings.get', {})).toEqual(ADA);
    await expect(client.call('links.list', {})).rejects.toMatchObject({ code: 'not-here' });
    const seen: AnyEvent[] = [];
    client.onEvent((event) => seen.push(event));
    await client.call('settings.get', {});
    api.emit(notice('hello'));
    await expect.poll(() => seen).toEqual([notice('hello')]);
  });

  test('a page that goes aborts its calls', async () => {
    let aborted = 0;
    const api = fakePeer({
      'settings.get': (_params, signal) => {
        signal.addEventListener('abort', () => (aborted += 1));
        return new Promise(() => undefined);
      },
    });
    const { client, socket } = await openPage(await startUi({ api }));
    client.onEvent(() => undefined);
    client.call('settings.get', {}).catch(() => undefined);
    await expect.poll(() => api.listeners()).toBe(1);
    socket.terminate();
    await expect.poll(() => aborted).toBe(1);
    expect(api.listeners()).toBe(0);
  });

  test('a malformed, binary or oversized message ends the connection with a sentence', async () => {
    const ui = await startUi();
    const cases: [string | Buffer, string][] = [
      ['hello', 'bad-message'],
      [Buffer.from('{"subscribe":true}'), 'bad-message'],
      ['x'.repeat(MAX_MESSAGE_BYTES + 1), 'message-too-large'],
    ];
    for (const [message, code] of cases) {
      const { client, socket } = await openPage(ui);
      socket.send(message);
      await expect(client.closed).rejects.toMatchObject({ code });
    }
  });

  test('a message far over the limit is not even read', async () => {
    const { socket } = await openPage(await startUi());
    socket.send('x'.repeat(3 * MAX_MESSAGE_BYTES));
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(1009);
  });

  test('the end of the server closes the page as one that goes away', async () => {
    const ui = await startUi();
    const { socket } = await openPage(ui);
    const closed = once(socket, 'close') as Promise<[number]>;
    await ui.close();
    expect((await closed)[0]).toBe(1001);
  });

  test('a page that never reads holds back its own calls and events, and the server still stops', async () => {
    let served = 0;
    const big = { name: 'Ada', downloads: 'x'.repeat(16_000) };
    const api = fakePeer({
      'settings.get': async () => {
        served += 1;
        return big;
      },
    });
    const ui = await startUi({ api });
    const { socket } = await openPage(ui);
    const messages: (AnyEvent | { id: number })[] = [];
    socket.removeAllListeners('message');
    socket.on('message', (data) => messages.push(JSON.parse(String(data)) as AnyEvent));
    socket.pause();
    socket.send('{"subscribe":true}');
    const calls = 4_000;
    for (let id = 0; id < calls; id += 1) {
      socket.send(`{"id":${id},"call":"settings.get","params":{}}`);
    }
    await expect.poll(() => api.listeners()).toBe(1);
    const settled = async () => {
      const before = served;
      await new Promise((resolve) => setTimeout(resolve, 200));
      return served === before && served > 0;
    };
    await expect.poll(settled, { timeout: 20_000 }).toBe(true);
    expect(served * 16_000).toBeLessThan(8 * 1024 * 1024);
    for (let done = 1; done <= 10_000; done += 1) api.emit(progress('t', done));
    socket.resume();
    await expect
      .poll(
        () => ({
          answers: messages.filter((message) => 'id' in message).length,
          last: messages.some((message) => 'event' in message && doneOf(message) === 10_000),
        }),
        { timeout: 20_000 },
      )
      .toEqual({ answers: calls, last: true });

    socket.pause();
    for (let id = 0; id < 1000; id += 1) {
      socket.send(`{"id":${id},"call":"settings.get","params":{}}`);
    }
    await ui.close();
    await expect(ask(ui)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

test('web socket - a page that answers no ping is cut off, one that does stays', async () => {
  const transport = createWebSocketTransport({
    peer: fakePeer(),
    log: createLog('silent'),
    heartbeatMs: 100,
  });
  const server = createServer().on('upgrade', (request, socket, head) =>
    transport.accept(request, socket, head),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    await transport.close();
    server.close();
  });
  const address = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const alive = new WebSocket(address);
  const silent = new WebSocket(address, { autoPong: false });
  let pings = 0;
  alive.on('ping', () => (pings += 1));
  await once(silent, 'close');
  await expect.poll(() => pings).toBeGreaterThan(3);
  expect({ alive: alive.readyState, size: transport.size }).toEqual({
    alive: WebSocket.OPEN,
    size: 1,
  });
});
