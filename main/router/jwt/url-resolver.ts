import type { Agent as HttpAgent, IncomingMessage } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { builtin } from '../../base/builtins.ts';
import { RouterError } from '../errors.ts';
import type { AccountResolver } from './resolver.ts';
import { MAX_JWT_LENGTH } from './token.ts';

/** nats-server's DEFAULT_ACCOUNT_FETCH_TIMEOUT. */
const TIMEOUT_MS = 1900;
/** An account that could not be had is not asked for again so soon. */
const MISS_MS = 1000;
const MAX_MISSES = 4096;
/** Users with made-up accounts must not make this a weapon against the account server. */
const MAX_UNDER_WAY = 64;

/** Account JWTs from an account server: GET of the base URL with the account's key behind it. */
export class UrlResolver implements AccountResolver {
  readonly #base: string;
  readonly #timeout: number;
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #underWay = new Map<string, Promise<string | undefined>>();
  /** When the miss may be tried again, in the order of those times. */
  readonly #misses = new Map<string, number>();
  readonly #closed = new AbortController();

  /** Throws RouterError 'router-config' for what is no HTTP URL. */
  constructor(url: string, timeout = TIMEOUT_MS) {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      throw new RouterError('router-config', 'The account resolver needs an http or https URL');
    this.#base = url.endsWith('/') ? url : `${url}/`;
    this.#timeout = timeout;
    const options = { keepAlive: true, maxSockets: 10 };
    const { Agent } = builtin(url.startsWith('https:') ? 'node:https' : 'node:http');
    this.#agent = new Agent(options);
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#closed.abort();
    this.#agent.destroy();
    return Promise.resolve();
  }

  /** Undefined for all that goes wrong as well. */
  fetch(key: string): string | undefined | Promise<string | undefined> {
    const known = this.#underWay.get(key);
    if (known !== undefined) return known;
    const retry = this.#misses.get(key);
    if (retry !== undefined && retry > performance.now()) return undefined;
    if (this.#underWay.size >= MAX_UNDER_WAY || this.#closed.signal.aborted) return undefined;
    const answer = this.#get(key)
      .catch(() => undefined) // Why it failed changes nothing for the login; the next one asks again.
      .then((jwt) => {
        this.#underWay.delete(key);
        if (jwt === undefined) this.#miss(key);
        return jwt;
      });
    this.#underWay.set(key, answer);
    return answer;
  }

  async #get(key: string): Promise<string | undefined> {
    const signal = AbortSignal.any([this.#closed.signal, AbortSignal.timeout(this.#timeout)]);
    const response = await request(`${this.#base}${key}`, this.#agent, signal);
    if (response.statusCode !== 200) {
      response.destroy();
      return undefined;
    }
    let text = '';
    response.setEncoding('latin1');
    for await (const chunk of response) {
      text += String(chunk);
      if (text.length > MAX_JWT_LENGTH) return undefined;
    }
    return text;
  }

  #miss(key: string): void {
    this.#misses.delete(key);
    if (this.#misses.size >= MAX_MISSES) {
      const [oldest] = this.#misses.keys();
      if (oldest !== undefined) this.#misses.delete(oldest);
    }
    this.#misses.set(key, performance.now() + MISS_MS);
  }
}

function request(
  url: string,
  agent: HttpAgent | HttpsAgent,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { get } = builtin(url.startsWith('https:') ? 'node:https' : 'node:http');
    get(url, { agent, signal }, resolve).once('error', reject);
  });
}
