import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { Refusal } from './refusal.ts';
import { Secrets } from './secrets.ts';

/** How long an address that was handed out can be opened. */
const TOKEN_LIFETIME_MS = 10 * 60_000;
const MAX_TOKENS = 16;
const MAX_SESSIONS = 64;
const MAX_BODY_BYTES = 1024;

/** Wrong tokens that are answered in a minute before the answer is 429. */
const FAILURES_PER_WINDOW = 10;
const WINDOW_MS = 60_000;

const CLOSE = { Connection: 'close' };

const Body = z.strictObject({ token: z.string().min(1).max(128) });

/**
 * Who may use the UI: a token, good for one exchange, becomes a session cookie. Both live in memory only,
 * so every session ends with the process.
 */
export class SignIn {
  readonly #tokens: Secrets;
  readonly #sessions: Secrets;
  readonly #now: () => number;
  #failures = { since: 0, count: 0 };

  /** @param now milliseconds */
  constructor(now: () => number) {
    this.#now = now;
    this.#tokens = new Secrets({ capacity: MAX_TOKENS, lifetimeMs: TOKEN_LIFETIME_MS, now });
    this.#sessions = new Secrets({ capacity: MAX_SESSIONS, lifetimeMs: Infinity, now });
  }

  mintToken(): string {
    return this.#tokens.mint();
  }

  forgetAll(): void {
    this.#tokens.clear();
    this.#sessions.clear();
  }

  /** Throws Refusal 401 unless the request carries a session of this server. */
  check(request: IncomingMessage, port: number): void {
    const cookie = cookieOf(request, cookieName(port));
    if (cookie !== undefined && this.#sessions.has(cookie)) return;
    throw new Refusal(401, 'Sign in first: `skerry ui` gives an address that opens the UI once.');
  }

  /** `POST /session`: exchanges the token of the body for the cookie. Throws Refusal 4xx. */
  async exchange(request: IncomingMessage, response: ServerResponse, port: number): Promise<void> {
    const token = parseToken(request, await readBody(request));
    if (!this.#tokens.redeem(token)) throw this.#failure();
    const session = this.#sessions.mint();
    response.setHeader(
      'Set-Cookie',
      `${cookieName(port)}=${session}; HttpOnly; SameSite=Strict; Path=/`,
    );
    response.writeHead(204, { 'Cache-Control': 'no-store' }).end();
  }

  /**
   * Past the limit a wrong token gets 429, but a right one always gets in: nobody guesses 32 random bytes,
   * whereas any program on the machine could lock the owner out with wrong ones.
   */
  #failure(): Refusal {
    const now = this.#now();
    if (now - this.#failures.since >= WINDOW_MS) this.#failures = { since: now, count: 0 };
    this.#failures.count += 1;
    if (this.#failures.count <= FAILURES_PER_WINDOW) {
      return new Refusal(
        401,
        'The address was used already, is too old, or is wrong; get a new one.',
      );
    }
    const wait = String(Math.ceil((this.#failures.since + WINDOW_MS - now) / 1000));
    const headers = { 'Retry-After': wait, ...CLOSE };
    return new Refusal(
      429,
      'Too many wrong tokens; wait a minute, then get a new address.',
      headers,
    );
  }
}

/** With the port, because cookies do not know ports: two peers on a machine keep one each. */
function cookieName(port: number): string {
  return `skerry-${port}`;
}

function cookieOf(request: IncomingMessage, name: string): string | undefined {
  return (request.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

function parseToken(request: IncomingMessage, body: string): string {
  // A form of a foreign page cannot send this type without asking first.
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw new Refusal(415, 'Send the token as application/json.');
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    // The same answer as for JSON of another shape.
  }
  const parsed = Body.safeParse(value);
  if (!parsed.success) throw new Refusal(400, 'The body must be {"token": "…"} and nothing else.');
  return parsed.data.token;
}

function readBody(request: IncomingMessage): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const parts: Buffer[] = [];
  let bytes = 0;
  request.on('data', (part: Buffer) => {
    bytes += part.length;
    if (bytes <= MAX_BODY_BYTES) parts.push(part);
    else reject(new Refusal(413, `The body may have ${MAX_BODY_BYTES} bytes at most.`, CLOSE));
  });
  request.once('end', () => resolve(Buffer.concat(parts).toString('utf8')));
  const onGone = (): void => reject(new Refusal(400, 'The body is not whole.', CLOSE));
  request.once('error', onGone);
  request.once('close', onGone);
  return promise;
}
