/** How this peer's UDP port is seen from outside: what the router maps, what servers and others say, what can be guessed. */
import type { RemoteInfo } from 'node:dgram';
import type { Log } from '../../base/log.ts';
import type { Way } from '../../identity/types.ts';
import { WaysWatch } from '../ways-watch.ts';
import { familyOf, isOwnAddress, outsideAddresses } from './addresses.ts';
import { ObservedAddresses } from './observed-addresses.ts';
import { type MappingState, PortMapping } from './port-mapping.ts';
import { StunClient } from './stun-client.ts';
import type { StunServerStatus } from './stun-server.ts';

export interface OutsideOptions {
  /** Milliseconds. */
  readonly now: () => number;
  readonly log: Log;
  /**
   * Addresses that servers outside see this peer at. Most NATs keep a port as it is when nobody else has it, so
   * the same port there is worth a try.
   */
  readonly seenAs?: () => string[];
  /** Whether routers are asked for the port; default: no. */
  readonly mapPort?: boolean;
  /** STUN servers that are asked, `host:port`; default: none. */
  readonly stun?: readonly string[];
}

/** The port itself: what is asked for it has to go out of it. */
export interface OutsidePort {
  send(datagram: Uint8Array, host: string, port: number): void;
  canReach(host: string): boolean;
}

/** What came of asking, for people. */
export interface OutsideStatus {
  readonly portMapping: MappingState;
  readonly stun: readonly StunServerStatus[];
}

type UdpWay = Way & { readonly kind: 'udp' };

export class Outside {
  readonly #options: OutsideOptions;
  readonly #observed: ObservedAddresses;
  readonly #network: WaysWatch;
  readonly #stun: StunClient;
  #mapping: PortMapping | undefined;

  constructor(options: OutsideOptions, port: OutsidePort) {
    this.#options = options;
    this.#observed = new ObservedAddresses(options.now);
    const own = (): Way[] => outsideAddresses().map((host) => ({ kind: 'udp', host, port: 0 }));
    this.#network = new WaysWatch(own, () => this.#onNetworkChange());
    this.#stun = new StunClient({
      servers: options.stun ?? [],
      send: (datagram, host, to) => port.send(datagram, host, to),
      canReach: (host) => port.canReach(host),
      onSeen: (address) => this.note(address),
      log: options.log,
    });
  }

  /** @param port that is bound now */
  start(port: number): void {
    const { mapPort = false, stun = [], now, log } = this.#options;
    if (mapPort) {
      this.#mapping = new PortMapping({ port, now, log });
      this.#mapping.start();
    }
    this.#stun.start();
    if (mapPort || stun.length > 0) this.#network.start();
  }

  /** Takes a mapping back: at most 2 s. Idempotent. */
  async stop(): Promise<void> {
    this.#network.stop();
    this.#stun.stop();
    const mapping = this.#mapping;
    this.#mapping = undefined;
    await mapping?.stop();
  }

  /** @param address `192.0.2.1:4711` or `[2001:db8::1]:4711`, as another peer says */
  note(address: string): void {
    this.#observed.note(address);
  }

  /** Takes what a STUN server answers. False: the datagram is something else. */
  receive(datagram: Buffer, from: RemoteInfo): boolean {
    return this.#stun.receive(datagram, from);
  }

  /** The surest first. @param port that is bound now */
  ways(port: number): UdpWay[] {
    const mapped = this.#mapping?.way();
    const known = [...(mapped === undefined ? [] : [mapped]), ...this.#observed.ways()];
    const hosts = new Set(known.map(({ host }) => host));
    const guessed = [...new Set(this.#options.seenAs?.())]
      .filter((host) => familyOf(host) !== undefined && !isOwnAddress(host) && !hosts.has(host))
      .map((host): UdpWay => ({ kind: 'udp', host, port }));
    return withoutRepeats([...known, ...guessed]);
  }

  status(): OutsideStatus {
    return {
      portMapping: this.#mapping?.state ?? { state: 'off' },
      stun: this.#stun.status(),
    };
  }

  #onNetworkChange(): void {
    this.#mapping?.again();
    this.#stun.start();
  }
}

function withoutRepeats(ways: readonly UdpWay[]): UdpWay[] {
  return [...new Map(ways.map((way) => [`${way.host} ${way.port}`, way])).values()];
}
