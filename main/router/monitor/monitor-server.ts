/** Monitoring over HTTP, or over HTTPS with the certificate of the client listener. */
import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { posix } from 'node:path';
import { builtin } from '../../base/builtins.ts';
import { messageOf } from '../../base/errors.ts';
import { COMPATIBLE_VERSION } from '../defaults.ts';
import { RouterError } from '../errors.ts';
import { listenOn, urlsOf } from '../listen/any-address.ts';
import type { MonitorOptions, TlsOptions } from '../options.ts';
import type { Facts } from './facts.ts';
import { createHttpsServer, type RenewableServer } from './https-server.ts';
import { indexPage } from './index-page.ts';
import { jsonParts } from './json-text.ts';
import { type Page, pageOf } from './pages.ts';
import { Query } from './query.ts';

/** Pages that are made at a time; more are asked to come again. */
const MAX_UNDER_WAY = 32;
const MAX_CONNECTIONS = 256;
const LIMITS = {
  maxHeaderSize: 16_384,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
} as const satisfies ServerOptions;
/** What may be called back: a JavaScript name, so that nothing else runs as a script from here. */
const CALLBACK = /^[A-Za-z_$][\w$.]{0,127}$/;
const SMALL = 64 * 1_024;
const textHeaders = {
  'Content-Type': 'text/plain; charset=utf-8',
  'X-Content-Type-Options': 'nosniff',
} as const;

export class MonitorServer {
  readonly #server: Server;
  readonly #facts: Facts;
  readonly #base: string;
  readonly #scheme: 'http' | 'https';
  readonly #host: string;
  #secure: RenewableServer | undefined;
  #underWay = 0;

  private constructor(server: Server, facts: Facts, options: MonitorOptions) {
    this.#server = server;
    this.#facts = facts;
    this.#host = options.host;
    this.#scheme = options.https === true ? 'https' : 'http';
    this.#base = posix.join('/', options.basePath ?? '').replace(/(?<=.)\/$/, '');
    server.maxConnections = MAX_CONNECTIONS;
    server.on('request', (request, response) => {
      this.#handle(request, response).catch((error: unknown) => {
        facts.router.log.error(`monitoring: ${messageOf(error)}`);
        response.destroy();
      });
    });
  }

  /** @throws RouterError 'router-listen', 'router-config' */
  static async open(
    options: MonitorOptions,
    tls: TlsOptions | undefined,
    facts: Facts,
  ): Promise<MonitorServer> {
    const secure = options.https === true ? createHttpsServer(LIMITS, tls) : undefined;
    const server = secure?.server ?? builtin('node:http').createServer(LIMITS);
    const monitor = new MonitorServer(server, facts, options);
    monitor.#secure = secure;
    try {
      await listenOn(server, { host: options.host, port: Math.max(options.port, 0) });
    } catch (error) {
      throw cannotListen(error);
    }
    server.on('error', (error) => facts.router.log.error(`monitoring: ${error.message}`));
    return monitor;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? 0;
  }

  /** `http://host:port`, by which it is reached. */
  get urls(): string[] {
    const address = this.#server.address() as AddressInfo | null;
    return address === null ? [] : urlsOf(this.#scheme, address.address, address.port);
  }

  /** For the log, in nats-server's words. */
  get announcement(): string {
    return `Starting ${this.#scheme} monitor on ${this.#host || '0.0.0.0'}:${this.port}`;
  }

  /**
   * Takes up other certificates, with HTTPS.
   *
   * @throws RouterError 'router-config'; those that were in use stay then
   */
  reload(tls: TlsOptions | undefined): void {
    this.#secure?.renew(tls);
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = URL.parse(request.url ?? '/', 'http://monitor');
    const path = url === null ? undefined : this.#below(url.pathname);
    if (url === null || path === undefined) return notFound(response);
    if (path === '/') return this.#index(response);
    if (this.#underWay >= MAX_UNDER_WAY) {
      response.writeHead(503, { ...textHeaders, 'Retry-After': '1' }).end('too many requests\n');
      return;
    }
    this.#underWay++;
    try {
      await this.#answer(path, url.searchParams, response);
    } finally {
      this.#underWay--;
    }
  }

  async #answer(path: string, params: URLSearchParams, response: ServerResponse): Promise<void> {
    const callback = params.get('callback') ?? '';
    let page: Page | undefined;
    try {
      if (callback !== '' && !CALLBACK.test(callback)) {
        throw new RouterError('router-query', 'callback is not the name of a function');
      }
      page = await pageOf(path, this.#facts, new Query(params));
    } catch (error) {
      if (!(error instanceof RouterError)) throw error;
      response.writeHead(400, textHeaders).end(error.message);
      return;
    }
    if (page === undefined) return notFound(response);
    await send(response, page, callback);
  }

  #index(response: ServerResponse): void {
    this.#facts.statistics.countPage('/');
    response
      .writeHead(200, {
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
      })
      .end(indexPage(this.#facts.router.name, COMPATIBLE_VERSION, this.#base));
  }

  /** The path below the base path; undefined outside of it. */
  #below(path: string): string | undefined {
    if (this.#base === '/') return path;
    if (path === this.#base) return '/';
    return path.startsWith(`${this.#base}/`) ? path.slice(this.#base.length) : undefined;
  }
}

/** Part by part: a long page is neither made nor held at once. */
async function send(response: ServerResponse, page: Page, callback: string): Promise<void> {
  const headers =
    callback === ''
      ? { 'Content-Type': 'application/json', 'Access-Control-Allow-Origin': '*' }
      : { 'Content-Type': 'application/javascript' };
  response.writeHead(page.status, { ...headers, 'X-Content-Type-Options': 'nosniff' });
  let waiting = callback === '' ? '' : `${callback}(`;
  for await (const part of jsonParts(page.body, page.compact === true ? 0 : 2)) {
    waiting += part;
    if (waiting.length < SMALL) continue;
    if (response.destroyed) return;
    if (!response.write(waiting)) await drained(response);
    waiting = '';
  }
  response.end(callback === '' ? waiting : `${waiting})`);
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}

function notFound(response: ServerResponse): void {
  response.writeHead(404, textHeaders).end('404 page not found\n');
}

function cannotListen(error: unknown): RouterError {
  return new RouterError('router-listen', `can't listen to the monitor port: ${messageOf(error)}`, {
    cause: error,
  });
}
