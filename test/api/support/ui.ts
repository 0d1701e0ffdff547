import { mkdirSync, writeFileSync } from 'node:fs';
import { request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { ClientConnection } from '../../../main/api/client-connection.ts';
import type { ApiPeer } from '../../../main/api/contract.ts';
import { createUiServer, type UiServer } from '../../../main/api/ui-server/ui-server.ts';
import { createLog } from '../../../main/base/log.ts';
import { fakePeer } from './fake-peer.ts';
import { temporaryHome } from './homes.ts';

export const INDEX = '<!doctype html><title>Skerry</title>';

/** A folder like a build of the renderer, with a secret file beside it. */
export function builtUi(): string {
  const home = temporaryHome();
  const root = join(home, 'renderer');
  mkdirSync(join(root, 'assets'), { recursive: true });
  writeFileSync(join(root, 'index.html'), INDEX);
  writeFileSync(join(root, 'favicon.svg'), '<svg/>');
  writeFileSync(join(root, 'assets/index-a1b2c3d4.js'), 'export {};');
  writeFileSync(join(root, 'assets/index-a1b2c3d4.css'), 'body{}');
  writeFileSync(join(home, 'keys'), 'secret');
  return root;
}

export async function startUi(
  options: { api?: ApiPeer; root?: string; now?: () => number } = {},
): Promise<UiServer> {
  const { api = fakePeer(), root = builtUi(), now = Date.now } = options;
  const ui = await createUiServer({ api, root, now, log: createLog('silent') });
  onTestFinished(() => ui.close());
  return ui;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** One request over a connection of its own; the path goes out exactly as given. */
export function ask(
  ui: UiServer,
  options: { method?: string; path?: string; headers?: OutgoingHttpHeaders; body?: string } = {},
): Promise<Answer> {
  const { method = 'GET', path = '/', headers = {}, body } = options;
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const outgoing = request(
    { host: '127.0.0.1', port: ui.port, method, path, headers, agent: false },
    (incoming) => {
      let text = '';
      incoming.setEncoding('utf8').on('data', (part: string) => (text += part));
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text }),
      );
    },
  );
  outgoing.on('error', reject);
  outgoing.end(body);
  return promise;
}

/** Bytes over a bare connection, and all that comes back until the server ends it. */
export function askRaw(ui: UiServer, bytes: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = createConnection({ host: '127.0.0.1', port: ui.port });
  let text = '';
  socket.setEncoding('utf8').on('data', (part) => (text += String(part)));
  socket.on('close', () => resolve(text));
  // The server may cut a connection that goes on talking; what it had said before counts.
  socket.on('error', () => socket.destroy());
  socket.write(bytes);
  return promise;
}

/** The token of an address that `mintUrl` gave. */
export function tokenOf(address: string): string {
  return address.split('#token=')[1] ?? '';
}

export function exchange(ui: UiServer, token: string, headers: OutgoingHttpHeaders = {}) {
  return ask(ui, {
    method: 'POST',
    path: '/session',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ token }),
  });
}

/** Signs in as a browser does. Returns the Cookie header to send from then on. */
export async function signIn(ui: UiServer): Promise<string> {
  const answer = await exchange(ui, tokenOf(ui.mintUrl()));
  return answer.headers['set-cookie']?.[0]?.split(';')[0] ?? `none: ${answer.text}`;
}

/** Opens the WebSocket; resolves with the refusal's status and text when it is refused. */
export function openSocket(
  ui: UiServer,
  headers: Record<string, string>,
  path = '/api',
): Promise<{ socket: WebSocket } | { status: number; text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<
    { socket: WebSocket } | { status: number; text: string }
  >();
  const socket = new WebSocket(`ws://127.0.0.1:${ui.port}${path}`, { headers });
  onTestFinished(() => socket.terminate());
  socket.on('open', () => resolve({ socket }));
  socket.on('unexpected-response', (_request, response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (part: string) => (text += part));
    response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
  });
  socket.on('error', reject);
  return promise;
}

/** A signed-in page's connection. */
export async function openPage(
  ui: UiServer,
): Promise<{ socket: WebSocket; client: ClientConnection }> {
  const origin = `http://127.0.0.1:${ui.port}`;
  const opened = await openSocket(ui, { Cookie: await signIn(ui), Origin: origin });
  if (!('socket' in opened)) throw new Error(`refused: ${opened.status} ${opened.text}`);
  const { socket } = opened;
  const client = new ClientConnection({
    send: (text) => socket.send(text),
    end: () => socket.close(),
  });
  socket.on('message', (data) => client.receive(String(data)));
  socket.on('close', () => client.lost());
  return { socket, client };
}
