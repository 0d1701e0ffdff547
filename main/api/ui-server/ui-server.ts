import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { codeOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { ApiPeer } from '../contract.ts';
import { MAX_CONNECTIONS } from '../limits.ts';
import { createWebSocketTransport } from '../transports/web-socket-server.ts';
import { listenOnLoopback, LOOPBACK } from './listen.ts';
import { answerRefusal, answerRefusalRaw, Refusal } from './refusal.ts';
import { checkHost, checkOrigin } from './same-origin.ts';
import { setSecurityHeaders } from './security-headers.ts';
import { SignIn } from './sign-in.ts';
import { readStaticFiles, type StaticFile } from './static-files.ts';

/** Pages' WebSockets and the browser's parallel requests together. */
const MAX_TCP_CONNECTIONS = 4 * MAX_CONNECTIONS;

const LIMITS = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 2_000,
};

export interface UiServer {
  readonly port: number;
  /** `http://127.0.0.1:<port>/`, without a token: safe to show and to log. */
  readonly url: string;
  /** An address that signs one browser in, once, within 10 minutes. Secret until then. */
  mintUrl(): string;
  /** Ends every page's connection and session, then the server. Idempotent. */
  close(): Promise<void>;
}

/**
 * Serves the UI and the API behind it to browsers of this machine (docs/api.md, "Security").
 *
 * @param options.root folder of the built UI; without a build the server says how to make one
 * @param options.port 0 or left out: a free one
 * @param options.now milliseconds; for tests of what expires
 * @throws ApiError `ui-port-in-use`, `ui-port-refused`
 */
export async function createUiServer(options: {
  api: ApiPeer;
  root: string;
  port?: number;
  log: Log;
  now?: () => number;
}): Promise<UiServer> {
  const { api, root, log } = options;
  const files = await readStaticFiles(root);
  const signIn = new SignIn(options.now ?? Date.now);
  const webSockets = createWebSocketTransport({ peer: api, log });
  const server = createServer(LIMITS);
  const sockets = new Set<Socket>();
  const port = await listenOnLoopback(server, options.port ?? 0).catch(async (error: unknown) => {
    await webSockets.close();
    throw error;
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    setSecurityHeaders(response, port);
    try {
      checkHost(request, port);
      checkOrigin(request, { required: false });
      await route(request, response);
    } catch (error) {
      if (!(error instanceof Refusal)) log.error({ err: error }, 'a request of the UI failed');
      if (response.headersSent) response.destroy();
      else answerRefusal(response, error instanceof Refusal ? error : INTERNAL);
    }
  }

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = pathOf(request);
    if (path === '/session') {
      checkMethod(request, ['GET', 'POST']);
      if (request.method === 'POST') return signIn.exchange(request, response, port);
      signIn.check(request, port);
      response.writeHead(204, { 'Cache-Control': 'no-store' }).end();
      return;
    }
    if (path === '/api') {
      throw new Refusal(426, 'This address speaks WebSocket only.', { Upgrade: 'websocket' });
    }
    checkMethod(request, ['GET', 'HEAD']);
    serveFile(files, path, request, response);
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', (error) => log.debug({ err: error }, 'a page broke its connection'));
    try {
      checkHost(request, port);
      checkOrigin(request, { required: true });
      if (pathOf(request) !== '/api') throw new Refusal(404, 'The WebSocket is at /api.');
      signIn.check(request, port);
      if (webSockets.size >= MAX_CONNECTIONS) {
        throw new Refusal(503, 'Too many pages are connected; close some of them.');
      }
      webSockets.accept(request, socket, head);
    } catch (error) {
      if (!(error instanceof Refusal)) log.error({ err: error }, 'a WebSocket could not be opened');
      answerRefusalRaw(socket, error instanceof Refusal ? error : INTERNAL);
    }
  }

  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    if (sockets.size <= MAX_TCP_CONNECTIONS) return;
    answerRefusalRaw(socket, new Refusal(503, 'Too many connections; close some pages.'));
  });
  // `serve` answers every error itself, so its promise never rejects.
  server.on('request', (request, response) => void serve(request, response));
  server.on('upgrade', upgrade);
  server.on('error', (error) => log.warn({ err: error }, 'the UI server has trouble'));
  server.on('clientError', (error, socket) => answerRefusalRaw(socket, explainParse(error)));

  let closing: Promise<void> | undefined;
  async function closeAll(): Promise<void> {
    signIn.forgetAll();
    const { promise, resolve }: PromiseWithResolvers<void> = Promise.withResolvers();
    server.close(() => resolve());
    await webSockets.close();
    server.closeAllConnections();
    for (const socket of sockets) socket.destroy();
    await promise;
  }
  const url = `http://${LOOPBACK}:${port}/`;
  return {
    port,
    url,
    // After the `#`: a browser keeps it to itself, so it is in no log and in no Referer.
    mintUrl: () => `${url}#token=${signIn.mintToken()}`,
    close: () => (closing ??= closeAll()),
  };
}

const INTERNAL = new Refusal(500, "Something unexpected went wrong; see the peer's log.");

function explainParse(error: Error): Refusal {
  const code = codeOf(error);
  if (code === 'HPE_HEADER_OVERFLOW') return new Refusal(431, 'The headers are too large.');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new Refusal(408, 'The request took too long.');
  return new Refusal(400, 'This is not a request that the server understands.');
}

function pathOf(request: IncomingMessage): string {
  const url = request.url ?? '';
  if (!url.startsWith('/')) throw new Refusal(400, 'The address of a request must be a path.');
  return url.split('?', 1)[0] ?? '';
}

function checkMethod(request: IncomingMessage, allowed: readonly string[]): void {
  if (allowed.includes(request.method ?? '')) return;
  const list = allowed.join(', ');
  throw new Refusal(405, `This address takes ${list} only.`, { Allow: list });
}

function serveFile(
  files: ReadonlyMap<string, StaticFile>,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const file = files.get(path);
  if (!file && path === '/') {
    throw new Refusal(503, 'The UI is not built: run `npm run build`, then start Skerry again.');
  }
  if (!file) throw new Refusal(404, 'There is nothing at this address.');
  response.writeHead(200, {
    'Content-Type': file.type,
    'Content-Length': file.bytes.length,
    'Cache-Control': file.cacheControl,
  });
  response.end(request.method === 'HEAD' ? undefined : file.bytes);
}
