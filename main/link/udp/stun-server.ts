import { codeOf, messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { familyOf, isOwnAddress } from './addresses.ts';
import type { StunOutcome } from './stun-request.ts';

/** Many NATs forget a mapping that was silent for 30 s, though RFC 4787 section 4.3 wants minutes. */
const KEEP_MS = 25_000;
/** Where there is no NAT nothing has to be kept; and a server that does not answer is not pressed. */
const LONGEST_MS = 5 * 60_000;

export interface StunServerStatus {
  /** `host:port`, as configured. */
  readonly server: string;
  readonly state: 'asking' | StunOutcome['state'] | 'unknown-name';
  /** `host:port`, for each family in which it answered. */
  readonly seenAs: readonly string[];
}

export interface StunServerOptions {
  readonly ask: (host: string, port: number) => Promise<StunOutcome>;
  /** IP literals of a host. */
  readonly resolve: (host: string) => Promise<string[]>;
  readonly canReach: (host: string) => boolean;
  readonly log: Log;
}

/** One server: its name is looked up, and one address of each family is asked, again and again. */
export class StunServer {
  readonly #server: string;
  readonly #options: StunServerOptions;
  #status: StunServerStatus;
  /** Another one each time: what an earlier one comes to is of no interest. */
  #round: symbol | undefined;
  #timer: NodeJS.Timeout | undefined;
  #waitMs = KEEP_MS;

  /** @param server `host:port`, `[2001:db8::1]:port` */
  constructor(server: string, options: StunServerOptions) {
    this.#server = server;
    this.#options = options;
    this.#status = { server, state: 'asking', seenAs: [] };
  }

  get status(): StunServerStatus {
    return this.#status;
  }

  /** Asks now, whatever was going on. */
  start(): void {
    this.stop();
    this.#waitMs = KEEP_MS;
    void this.#ask();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#round = undefined;
  }

  async #ask(): Promise<void> {
    const round = Symbol();
    this.#round = round;
    const status = await this.#outcome();
    if (this.#round !== round) return;
    if (status.state !== this.#status.state) {
      this.#options.log.debug(status, 'stun: a server');
    }
    this.#status = status;
    const isBehindNat = status.seenAs.some((seen) => !isOwnAddress(hostOf(seen)));
    let waitMs = LONGEST_MS;
    if (isBehindNat) {
      waitMs = KEEP_MS;
      this.#waitMs = KEEP_MS;
    } else if (status.state !== 'answers') {
      waitMs = this.#waitMs;
      this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_MS);
    }
    this.#timer = setTimeout(() => void this.#ask(), waitMs);
  }

  async #outcome(): Promise<StunServerStatus> {
    const server = this.#server;
    const { ask, resolve, canReach, log } = this.#options;
    const port = Number(server.slice(server.lastIndexOf(':') + 1));
    let hosts: string[];
    try {
      hosts = (await resolve(hostOf(server))).filter(canReach);
    } catch (error) {
      log.debug({ server, reason: codeOf(error) ?? messageOf(error) }, 'stun: no address');
      return { server, state: 'unknown-name', seenAs: [] };
    }
    const asked = [4, 6]
      .flatMap((family) => hosts.find((host) => familyOf(host) === family) ?? [])
      .map((host) => ask(host, port));
    const outcomes = await Promise.all(asked);
    const seenAs = outcomes.flatMap((one) => (one.state === 'answers' ? one.seenAs : []));
    if (seenAs.length > 0) return { server, state: 'answers', seenAs };
    const isRefused = outcomes.some(({ state }) => state === 'refuses');
    return { server, state: isRefused ? 'refuses' : 'silent', seenAs };
  }
}

/** @param address `host:port`, IPv6 in brackets */
function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1');
}
