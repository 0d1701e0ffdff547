/**
 * Asks STUN servers how they see the peer's own UDP port. The requests go out of that very port, for its mapping in
 * the NAT is what matters: so there is no library that could do it.
 */
import type { RemoteInfo } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import type { Log } from '../../base/log.ts';
import { familyOf, formatAddress } from './addresses.ts';
import { decodeBindingAnswer, looksLikeStun } from './stun.ts';
import { type StunOutcome, StunRequest } from './stun-request.ts';
import { StunServer, type StunServerStatus } from './stun-server.ts';

export interface StunClientOptions {
  /** `host:port`, `[2001:db8::1]:port`. */
  readonly servers: readonly string[];
  /** Sends out of the port. */
  readonly send: (datagram: Uint8Array, host: string, port: number) => void;
  /** Whether the port has the family of an address. */
  readonly canReach: (host: string) => boolean;
  /** @param address `host:port`, as a server sees the port */
  readonly onSeen: (address: string) => void;
  readonly log: Log;
  /** IP literals of a host. Default: the system's, of both families. */
  readonly resolve?: (host: string) => Promise<string[]>;
}

export class StunClient {
  readonly #options: StunClientOptions;
  readonly #servers: readonly StunServer[];
  /** By the source that has to answer. */
  readonly #requests = new Map<string, StunRequest>();

  constructor(options: StunClientOptions) {
    this.#options = options;
    const { servers, resolve = resolveBySystem, canReach, log } = options;
    const ask = (host: string, port: number): Promise<StunOutcome> => this.#ask(host, port);
    this.#servers = servers.map((name) => new StunServer(name, { ask, resolve, canReach, log }));
  }

  status(): StunServerStatus[] {
    return this.#servers.map(({ status }) => status);
  }

  /** Asks all servers, and again before a NAT forgets. Called once more when the network has changed. */
  start(): void {
    this.stop();
    for (const server of this.#servers) server.start();
  }

  stop(): void {
    for (const server of this.#servers) server.stop();
    for (const request of this.#requests.values()) request.end({ state: 'silent' });
    this.#requests.clear();
  }

  /** Takes what comes from where a request is on its way to. False: the datagram is of no interest here. */
  receive(datagram: Buffer, { address, port }: RemoteInfo): boolean {
    if (this.#requests.size === 0 || !looksLikeStun(datagram)) return false;
    const request = this.#requests.get(formatAddress(address, port));
    if (request === undefined) return false;
    const answer = decodeBindingAnswer(datagram);
    if (answer?.transaction.equals(request.transaction) !== true) return true;
    const { mapped } = answer;
    if (mapped === undefined) {
      request.end({ state: 'refuses' });
    } else if (familyOf(mapped.host) === familyOf(address) && mapped.port > 0) {
      const seenAs = formatAddress(mapped.host, mapped.port);
      this.#options.onSeen(seenAs);
      request.end({ state: 'answers', seenAs });
    }
    return true;
  }

  /** Two servers may have one address, which is asked once. */
  async #ask(host: string, port: number): Promise<StunOutcome> {
    const source = formatAddress(host, port);
    const known = this.#requests.get(source);
    if (known !== undefined) return known.ended;
    const { send } = this.#options;
    const request = new StunRequest((datagram) => send(datagram, host, port));
    this.#requests.set(source, request);
    const outcome = await request.ended;
    if (this.#requests.get(source) === request) this.#requests.delete(source);
    return outcome;
  }
}

async function resolveBySystem(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
