import { request } from 'node:http';
import { readFileSync } from 'node:fs';
import { wsconnect } from '@nats-io/nats-core';
import { WebSocket, type ClientOptions } from 'ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WebsocketOptions } from '../../../main/router/options.ts';
import { TestAuthority } from '../support/certificates.ts';
import { RawClient, startRouter, type TestRouter } from './support.ts';

const websocket: WebsocketOptions = { host: '127.0.0.1', port: 0, noTls: true };

/** What a WebSocket got, as text, and how it was closed. */
class WebClient {
  readonly socket: WebSocket;
  text = '';
  frames = 0;
  readonly closed: Promise<{ code: number; reason: string }>;
  #wake: (() => void) | undefined;

  constructor(url: string, options: ClientOptions = {}) {
    this.socket = new WebSocket(url, { perMessageDeflate: false, ...options });
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data: Buffer) => {
      this.frames++;
      this.text += data.toString('latin1');
      this.#wake?.();
    });
    this.closed = new Promise((resolve) =>
      this.socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    );
  }

  async until(text: string): Promise<string> {
    while (!this.text.includes(text)) {
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error(`closed: ${this.text}`);
      await Promise.race([new Promise<void>((resolve) => (this.#wake = resolve)), this.closed]);
    }
    return this.text;
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}

function urlOf(at: TestRouter): string {
  return at.router.addresses().websocket[0] ?? '';
}

/** The HTTP status that a handshake gets instead of an upgrade. */
function refusal(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { headers });
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      socket.terminate();
      resolve(response.statusCode ?? 0);
    });
    socket.on('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.on('error', reject);
  });
}

describe('router over WebSockets', () => {
  let authority: TestAuthority;
  beforeAll(async () => {
    authority = await TestAuthority.create();
  });
  afterAll(async () => authority[Symbol.asyncDispose]());

  async function opened(at: TestRouter, options?: ClientOptions): Promise<WebClient> {
    const client = new WebClient(urlOf(at), options);
    await client.until('INFO');
    return client;
  }

  it('many lines in a frame and a line over many frames are the same', async () => {
    await using at = await startRouter({ websocket });
    using client = await opened(at);
    client.socket.send('CONNECT {"verbose":false}\r\nSUB a 1\r\nPUB a 2\r\nhi\r\nPING\r\n');
    await client.until('PONG\r\n');
    expect(client.text).toContain('MSG a 1 2\r\nhi\r\n');
    for (const byte of 'PUB a 5\r\nsplit\r\n') client.socket.send(Buffer.from(byte));
    expect(await client.until('split\r\n')).toContain('MSG a 1 5\r\nsplit\r\n');
  });

  it('a released client talks over it', async () => {
    await using at = await startRouter({ websocket: { ...websocket, compression: true } });
    const [one, two] = [
      await wsconnect({ servers: urlOf(at) }),
      await wsconnect({ servers: urlOf(at) }),
    ];
    one.subscribe('echo', { callback: (_error, message) => void message.respond(message.data) });
    await one.flush();
    for (const size of [0, 10, 100_000, 1_000_000]) {
      const answer = await two.request('echo', new Uint8Array(size).fill(65), { timeout: 5_000 });
      expect(answer.data.length).toBe(size);
    }
    await Promise.all([one.close(), two.close()]);
  });

  it('INFO names this listener, and no TLS where there is none', async () => {
    await using at = await startRouter({ websocket });
    using client = await opened(at);
    const info = JSON.parse(client.text.slice(5)) as Record<string, unknown>;
    expect(info).toMatchObject({ port: Number(new URL(urlOf(at)).port), client_ip: '127.0.0.1' });
    expect(info).not.toHaveProperty('tls_required');
  });

  it('with TLS the whole connection is encrypted', async () => {
    const files = await authority.issue();
    const at = await startRouter({ websocket: { ...websocket, tls: files } });
    expect(urlOf(at)).toMatch(/^wss:/);
    using client = new WebClient(urlOf(at), { ca: readFileSync(authority.caFile) });
    client.socket.once('open', () => client.socket.send('PING\r\n'));
    await client.until('PONG\r\n');
    expect(client.text).toContain('"tls_required":true');
  });

  it('frames are compressed when both sides want it', async () => {
    await using at = await startRouter({ websocket: { ...websocket, compression: true } });
    using client = await opened(at, { perMessageDeflate: true });
    expect(client.socket.extensions).toContain('permessage-deflate');
    const before = received(client);
    client.socket.send(
      `CONNECT {"verbose":false}\r\nSUB a 1\r\nPUB a 100000\r\n${'x'.repeat(100_000)}\r\nPING\r\n`,
    );
    await client.until('PONG\r\n');
    expect(client.text).toContain('x'.repeat(100_000));
    expect(received(client) - before).toBeLessThan(20_000);
  });

  it('large messages come through in both directions', async () => {
    await using at = await startRouter({ websocket });
    using client = await opened(at);
    const payload = 'y'.repeat(1_000_000);
    client.socket.send('CONNECT {"verbose":false}\r\nSUB a 1\r\n');
    for (let i = 0; i < 5; i++) client.socket.send(`PUB a 1000000\r\n${payload}\r\n`);
    client.socket.send('PING\r\n');
    await client.until('PONG\r\n');
    expect(client.text.match(/MSG a 1 1000000\r\n/g)).toHaveLength(5);
    expect(client.text.length).toBeGreaterThan(5_000_000);
  });

  it('a frame that no message can need is refused with 1009', async () => {
    await using at = await startRouter({ websocket, limits: { maxPayload: 1_000 } });
    using client = await opened(at);
    client.socket.send(Buffer.alloc(9_000_000));
    expect(await client.closed).toMatchObject({ code: 1009 });
  });

  it('close frames say why, with the codes of nats-server', async () => {
    await using at = await startRouter({
      websocket: { ...websocket, authorization: { user: 'u', password: 'p' } },
      limits: { maxPayload: 10 },
    });
    const ending = async (lines: string): Promise<{ code: number; reason: string }> => {
      using client = new WebClient(urlOf(at));
      await client.until('INFO');
      client.socket.send(lines);
      return await client.closed;
    };
    const login = 'CONNECT {"verbose":false,"user":"u","pass":"p"}\r\n';
    expect(await ending('CONNECT {"user":"u","pass":"x"}\r\n')).toEqual({
      code: 1008,
      reason: 'Authentication Failure',
    });
    expect(await ending(`${login}NONSENSE\r\n`)).toMatchObject({ code: 1002 });
    expect(await ending(`${login}PUB a 11\r\n`)).toMatchObject({ code: 1009 });
    expect(await ending('')).toEqual({ code: 1008, reason: 'Authentication Timeout' });
    using staying = new WebClient(urlOf(at));
    await staying.until('INFO');
    staying.socket.send(`${login}PING\r\n`);
    await staying.until('PONG');
    void at.router.stop();
    expect(await staying.closed).toEqual({ code: 1001, reason: 'Server Shutdown' });
  });

  it('same_origin and allowed_origins are asked of browsers, and of nobody else', async () => {
    await using own = await startRouter({ websocket: { ...websocket, sameOrigin: true } });
    const url = urlOf(own);
    expect(await refusal(url, { Origin: 'http://elsewhere.example' })).toBe(403);
    expect(await refusal(url, { Origin: url.replace('ws:', 'http:') })).toBe(101);
    expect(await refusal(url, {})).toBe(101);
    const allowedOrigins = ['https://app.example', 'http://other.example:8080'];
    await using listed = await startRouter({ websocket: { ...websocket, allowedOrigins } });
    expect(await refusal(urlOf(listed), { Origin: 'https://app.example:443' })).toBe(101);
    expect(await refusal(urlOf(listed), { Origin: 'http://app.example' })).toBe(403);
    expect(await refusal(urlOf(listed), { Origin: 'http://other.example:8080' })).toBe(101);
    expect(listed.lines.join('\n')).toContain('origin not allowed: not in the allowed list');
  });

  it('credentials come from cookies where CONNECT has none', async () => {
    await using at = await startRouter({
      websocket: { ...websocket, userCookie: 'u', passCookie: 'p' },
      authorization: { users: [{ user: 'ann', password: 'secret' }] },
    });
    const cookie = { headers: { Cookie: 'x=1; u=ann; p="secret"' } };
    using known = new WebClient(urlOf(at), cookie);
    await known.until('INFO');
    known.socket.send('CONNECT {"verbose":false}\r\nPING\r\n');
    await known.until('PONG\r\n');
    using wrong = new WebClient(urlOf(at), cookie);
    await wrong.until('INFO');
    wrong.socket.send('CONNECT {"verbose":false,"user":"ann","pass":"other"}\r\n');
    await wrong.until("-ERR 'Authorization Violation'");
  });

  it('a proxy may name the address of the client', async () => {
    const headers = { 'X-Forwarded-For': '192.0.2.7' };
    await using at = await startRouter({ websocket });
    using client = await opened(at, { headers });
    expect(client.text).toContain('"client_ip":"192.0.2.7"');
    using odd = new WebClient(urlOf(at), { headers: { 'X-Forwarded-For': 'unknown, 192.0.2.7' } });
    await odd.until('"client_ip":"127.0.0.1"');
  });

  it('what is no handshake, and one that never comes, does not hold a connection', async () => {
    await using at = await startRouter({ websocket: { ...websocket, handshakeTimeout: 100 } });
    const port = Number(new URL(urlOf(at)).port);
    const status = await new Promise((resolve) =>
      request({ host: '127.0.0.1', port }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).end(),
    );
    expect(status).toBe(400);
    using silent = RawClient.to(port);
    await silent.closed;
    expect(silent.text).toBe('');
  });

  it('leaf nodes are closed where none are taken', async () => {
    await using at = await startRouter({ websocket });
    using leaf = new WebClient(`${urlOf(at)}/leafnode`);
    await leaf.closed;
    expect(at.lines).toContain('Not configured to accept leaf node connections');
  });
});

function received(client: WebClient): number {
  const { _socket: socket } = client.socket as unknown as { _socket: { bytesRead: number } };
  return socket.bytesRead;
}
