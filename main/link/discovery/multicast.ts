/**
 * The sockets of beacons: one for each family that hears the group, and one for each network that sends there
 * and takes answers.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { MAX_BEACON_BYTES } from './beacon.ts';
import { isWithin, type Network } from './interfaces.ts';

/**
 * Why these: docs/discovery.md. 239.255/16 is the IPv4 Local Scope (RFC 2365); `ff12` is link-local and not
 * assigned by anybody (RFC 4291, section 2.7), and the rest says "skerry".
 */
export const GROUPS = { 4: '239.255.83.75', 6: 'ff12::736b:6572:7279' } as const;
/** "sker" on the keys of a telephone. */
export const DISCOVERY_PORT = 7537;

/** Where bytes came from, and the network's socket that answers go out of. */
export interface Source {
  /** With a zone if it is link-local. */
  readonly host: string;
  readonly port: number;
}

export interface MulticastOptions {
  /** For tests. Default: `DISCOVERY_PORT`. */
  readonly port?: number;
  readonly log: Log;
  /** At most `MAX_BEACON_BYTES` long; the bytes are the receiver's. */
  readonly onDatagram: (bytes: Uint8Array, from: Source) => void;
}

interface Sender {
  readonly network: Network;
  readonly socket: Socket;
  readonly port: number;
}

export class Multicast {
  readonly #options: MulticastOptions;
  readonly #listeners = new Map<4 | 6, Socket>();
  #senders: Sender[] = [];
  #closed = false;

  constructor(options: MulticastOptions) {
    this.#options = options;
  }

  /** Leaves what it was in and joins the group in each of these networks; what cannot be opened is logged. */
  async enter(networks: readonly Network[]): Promise<void> {
    await this.#leave();
    for (const family of [4, 6] as const) {
      const those = networks.filter((network) => network.family === family);
      if (those.length > 0 && !this.#closed) await this.#open(family, those);
    }
  }

  /**
   * Says something in every network.
   *
   * @param beaconsFor the bytes for a network; `back` is the port that takes answers there
   */
  announce(beaconsFor: (network: Network, back: number) => readonly Uint8Array[]): void {
    const { port = DISCOVERY_PORT } = this.#options;
    for (const { network, socket, port: back } of this.#senders) {
      for (const bytes of beaconsFor(network, back)) {
        this.#send(socket, bytes, GROUPS[network.family], port);
      }
    }
  }

  /** Says something to one place, from the network that the place is in. Unknown places hear nothing. */
  tell(to: Source, bytesFor: (network: Network, back: number) => readonly Uint8Array[]): void {
    const sender = this.#senderFor(to.host);
    if (sender === undefined) return;
    for (const bytes of bytesFor(sender.network, sender.port)) {
      this.#send(sender.socket, bytes, to.host, to.port);
    }
  }

  /** The port that takes answers in this network; undefined when there is none. */
  backOf({ handle }: Network): number | undefined {
    return this.#senders.find(({ network }) => network.handle === handle)?.port;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#leave();
  }

  async #open(family: 4 | 6, networks: readonly Network[]): Promise<void> {
    const { port = DISCOVERY_PORT, log } = this.#options;
    try {
      const listener = await this.#bind(family, port, undefined);
      this.#listeners.set(family, listener);
      for (const { handle } of networks) {
        try {
          listener.addMembership(GROUPS[family], handle);
        } catch (error) {
          log.debug({ network: handle, reason: messageOf(error) }, 'discovery: not in the group');
        }
      }
    } catch (error) {
      // It can still be seen, and hears answers.
      log.info({ family, reason: messageOf(error) }, 'discovery: the group cannot be heard');
    }
    for (const network of networks) {
      try {
        const socket = await this.#bind(family, 0, family === 4 ? network.handle : undefined);
        socket.setMulticastInterface(network.handle);
        socket.setMulticastTTL(1);
        socket.setMulticastLoopback(true); // other peers of this machine
        this.#senders.push({ network, socket, port: socket.address().port });
      } catch (error) {
        log.debug({ network: network.name, reason: messageOf(error) }, 'discovery: cannot send');
      }
    }
  }

  async #bind(family: 4 | 6, port: number, address: string | undefined): Promise<Socket> {
    const shared = port !== 0;
    const socket = createSocket({
      type: family === 4 ? 'udp4' : 'udp6',
      ipv6Only: family === 6,
      // Every peer of the machine hears the group.
      reuseAddr: shared,
      lookup: (host, _options, callback) => callback(null, host, family),
    });
    const bound = Promise.withResolvers<undefined>();
    socket.once('error', bound.reject);
    socket.bind({ port, exclusive: !shared, ...(address !== undefined && { address }) }, () =>
      bound.resolve(undefined),
    );
    try {
      await bound.promise;
    } catch (error) {
      socket.close();
      throw error;
    }
    socket.off('error', bound.reject);
    socket.on('error', (error) => {
      // A network that went away: the next look at the networks makes new sockets.
      this.#options.log.debug({ reason: messageOf(error) }, 'discovery: a socket failed');
    });
    socket.on('message', (bytes: Buffer, from: RemoteInfo) => {
      if (this.#closed || bytes.length > MAX_BEACON_BYTES) return;
      this.#options.onDatagram(bytes, { host: from.address, port: from.port });
    });
    return socket;
  }

  #send(socket: Socket, bytes: Uint8Array, host: string, port: number): void {
    socket.send(bytes, port, host, (error) => {
      if (error === null) return;
      this.#options.log.debug({ host, reason: messageOf(error) }, 'discovery: not sent');
    });
  }

  #senderFor(host: string): Sender | undefined {
    const family = host.includes(':') ? 6 : 4;
    const zone = host.split('%')[1];
    const those = this.#senders.filter(({ network }) => network.family === family);
    if (zone !== undefined) return those.find(({ network }) => network.handle === `::%${zone}`);
    return those.find(({ network }) => isWithin(network, host)) ?? those[0];
  }

  async #leave(): Promise<void> {
    const sockets = [...this.#listeners.values(), ...this.#senders.map(({ socket }) => socket)];
    this.#listeners.clear();
    this.#senders = [];
    await Promise.all(
      sockets.map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))),
    );
  }
}
