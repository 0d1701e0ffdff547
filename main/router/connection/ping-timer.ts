/**
 * Keeps an eye on a quiet connection (nats-server's ping_interval and ping_max): the first PING 2 s after
 * CONNECT, so that the round trip is known early, then one each interval in which nothing came.
 */

const FIRST_PING_MS = 2_000;
/** Up to this part more, so that clients that came together are not asked together. */
const JITTER = 0.2;
/** A round trip that was measured longer ago than this is measured again. */
const RTT_VALID_MS = 3_600_000;

export interface PingedConnection {
  sendPing(): void;
  /** Too many PINGs without an answer. */
  stale(): void;
}

export interface PingHabits {
  /** When the first PING goes out, ms. */
  readonly first: number;
  /** PINGs go out even while something comes in. */
  readonly always: boolean;
}

export class PingTimer {
  readonly #connection: PingedConnection;
  readonly #interval: number;
  readonly #max: number;
  #always = false;
  #timer: NodeJS.Timeout | undefined;
  #outstanding = 0;
  #sentAt = 0;
  #measuredAt = -Infinity;
  /** Set by whoever reads: something came since the last look. */
  active = false;
  /** Round trip in ms; 0 while unknown. */
  rtt = 0;

  constructor(connection: PingedConnection, interval: number, max: number) {
    this.#connection = connection;
    this.#interval = interval;
    this.#max = max;
  }

  start({ first, always }: PingHabits = { first: FIRST_PING_MS, always: false }): void {
    this.#always = always;
    this.#schedule(Math.min(this.#interval, first * (1 + Math.random() * JITTER)));
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  pong(): void {
    this.#outstanding = 0;
    if (this.#sentAt === 0) return;
    const now = performance.now();
    this.rtt = Math.max(now - this.#sentAt, 0.001);
    this.#measuredAt = now;
  }

  /** What the round trip may be, until it is measured: a client answers INFO with CONNECT. */
  estimate(rtt: number): void {
    if (this.rtt === 0) this.rtt = Math.max(rtt, 0.001);
  }

  /** Asks, unless an answer is awaited already. */
  measure(): void {
    if (this.#outstanding === 0) this.ping();
  }

  /** Asks at once, to measure the round trip. */
  ping(): void {
    this.#outstanding++;
    this.#sentAt = performance.now();
    this.#connection.sendPing();
  }

  #schedule(after: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#due(), after);
    this.#timer.unref();
  }

  #due(): void {
    const known = this.rtt > 0 && performance.now() - this.#measuredAt < RTT_VALID_MS;
    const quiet = this.#always || !this.active;
    this.active = false;
    if (quiet || !known) {
      if (this.#outstanding + 1 > this.#max) {
        this.#connection.stale();
        return;
      }
      this.ping();
    }
    this.#schedule(this.#interval);
  }
}
