/**
 * mDNS / DNS-SD (RFC 6762, RFC 6763) by `bonjour-service`: the same beacons in the TXT record of a service
 * `_skerry._udp` with a random name. What DNS says besides counts for nothing here.
 *
 * The library is given sockets that are bound already and in their group, and hears datagrams through a guard:
 * it throws on none of them into the event loop, and none of its sockets' errors ends the peer.
 */
import Bonjour from 'bonjour-service';
import { randomBytes } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { TokenBucket } from '../session/token-bucket.ts';
import type { Network } from './interfaces.ts';
import type { Source } from './multicast.ts';
import { beaconFromTxt, beaconToTxt } from './txt.ts';

const GROUPS = { 4: '224.0.0.251', 6: 'ff02::fb' } as const;
const MDNS_PORT = 5353;
const TYPE = 'skerry';
/** RFC 6762, section 17. */
const MAX_PACKET = 9000;
/** Packets that are parsed, a second and network: a big office has some tens. */
const PACKETS_PER_SECOND = 200;
/** The library remembers every instance it heard of; past this it starts afresh. */
const MAX_SERVICES = 300;
/** Everybody hears an answer: who has heard one lately does not ask, ms. */
const HEARD_LATELY_MS = 25_000;

type Service = InstanceType<typeof Bonjour.Service>;
type Browser = InstanceType<typeof Bonjour.Browser>;

export interface MdnsOptions {
  /** For tests. Default: 5353. */
  readonly port?: number;
  readonly log: Log;
  readonly now: () => number;
  /** A beacon that somebody's record holds, and who sent the packet; the port means nothing. */
  readonly onBeacon: (bytes: Uint8Array, from: Source) => void;
}

/** One beacon for a network, or none to be silent there; at most 1,000 bytes. */
export type BeaconFor = (network: Network) => Uint8Array | undefined;

export class Mdns {
  readonly #options: MdnsOptions;
  #responders: Responder[] = [];
  #closed = false;

  constructor(options: MdnsOptions) {
    this.#options = options;
  }

  /** Leaves what it was in, with a goodbye, and enters these networks; what cannot be opened is logged. */
  async enter(networks: readonly Network[], port: number, beaconFor: BeaconFor): Promise<void> {
    await this.#leave();
    for (const network of networks) {
      if (this.#closed) return;
      try {
        const socket = await bind(network, this.#options.port ?? MDNS_PORT);
        this.#responders.push(new Responder(network, socket, port, beaconFor, this.#options));
      } catch (error) {
        const reason = messageOf(error);
        this.#options.log.debug({ network: network.name, reason }, 'discovery: no mDNS here');
      }
    }
  }

  /** Puts a fresh beacon into the record, and asks who is there if nobody did lately. */
  refresh(): void {
    for (const responder of this.#responders) responder.refresh();
  }

  /** Goodbye, and gone. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#leave();
  }

  async #leave(): Promise<void> {
    const responders = this.#responders;
    this.#responders = [];
    await Promise.all(responders.map((responder) => responder.close()));
  }
}

/** The service and the search for others in one network. */
class Responder {
  readonly #network: Network;
  readonly #beaconFor: BeaconFor;
  readonly #options: MdnsOptions;
  readonly #bonjour: Bonjour;
  readonly #socket: Socket;
  readonly #packets: TokenBucket;
  readonly #port: number;
  #service: Service | undefined;
  /** The strings of the TXT record; the library sends what is in it at the time. */
  readonly #record: { data: unknown } = { data: [] };
  #browser: Browser;
  #heardAt = -Infinity;

  constructor(
    network: Network,
    socket: Socket,
    port: number,
    beaconFor: BeaconFor,
    options: MdnsOptions,
  ) {
    const { log, now } = options;
    this.#network = network;
    this.#socket = socket;
    this.#port = port;
    this.#beaconFor = beaconFor;
    this.#options = options;
    this.#packets = new TokenBucket(PACKETS_PER_SECOND, PACKETS_PER_SECOND, now());
    const passedOn = {
      socket,
      bind: false,
      multicast: false,
      ip: GROUPS[network.family],
      port: options.port ?? MDNS_PORT,
      type: network.family === 4 ? 'udp4' : 'udp6',
      interface: network.handle,
    };
    this.#bonjour = new Bonjour(passedOn as object, (error: unknown) =>
      log.debug({ reason: messageOf(error) }, 'discovery: mDNS answer not sent'),
    );
    this.#guard();
    this.#service = this.#publish();
    this.#browser = this.#browse();
  }

  refresh(): void {
    this.#renew();
    this.#browser.expire();
    if (this.#browser.services.length > MAX_SERVICES) {
      this.#browser.stop();
      this.#browser = this.#browse();
    } else if (this.#options.now() - this.#heardAt > HEARD_LATELY_MS) {
      this.#browser.update();
    }
  }

  async close(): Promise<void> {
    this.#browser.stop();
    await new Promise<void>((resolve) => this.#bonjour.unpublishAll(() => resolve()));
    await new Promise<void>((resolve) => this.#bonjour.destroy(() => resolve()));
  }

  /** Puts itself between the socket and the library's listeners. */
  #guard(): void {
    const listeners = this.#socket.listeners('message');
    this.#socket.removeAllListeners('message');
    this.#socket.removeAllListeners('error');
    this.#socket.on('error', (error) => {
      this.#options.log.debug({ reason: messageOf(error) }, 'discovery: an mDNS socket failed');
    });
    this.#socket.on('message', (packet: Buffer, from: RemoteInfo) => {
      if (packet.length > MAX_PACKET || !this.#packets.take(this.#options.now())) return;
      try {
        for (const listener of listeners) listener(packet, from);
      } catch (error) {
        // Anybody may send anything to the group, and the library takes some of it for granted.
        this.#options.log.debug({ reason: messageOf(error) }, 'discovery: a strange mDNS packet');
      }
    });
  }

  /** Undefined when there is nothing to say in this network. */
  #publish(): Service | undefined {
    const beacon = this.#beaconFor(this.#network);
    if (beacon === undefined) return undefined;
    const name = randomBytes(8).toString('hex');
    const { family, addresses } = this.#network;
    // Probing gives this code a moment to say which records there are; two names never meet.
    const service = this.#bonjour.publish({
      name,
      type: TYPE,
      protocol: 'udp',
      port: this.#port,
      host: `${name}.local`,
      txt: beaconToTxt(beacon),
      disableIPv6: family === 4,
    });
    // The library would tell all addresses of the machine in every network.
    const records = service.records().filter(({ type, data }) => {
      if (type !== 'A' && type !== 'AAAA') return true;
      return addresses.includes(String(data));
    });
    const txt = records.find(({ type }) => type === 'TXT');
    if (txt !== undefined) {
      this.#record.data = txt.data;
      Object.defineProperty(txt, 'data', { get: () => this.#record.data, enumerable: true });
    }
    service.records = () => records;
    return service;
  }

  /** A beacon counts for 90 s only: the record gets a new one. */
  #renew(): void {
    if (this.#service === undefined) {
      this.#service = this.#publish();
      return;
    }
    const beacon = this.#beaconFor(this.#network);
    if (beacon === undefined) return;
    this.#record.data = Object.entries(beaconToTxt(beacon)).map(([key, value]) =>
      Buffer.from(`${key}=${value}`),
    );
  }

  #browse(): Browser {
    const take = (service: Service): void => {
      const { rawTxt, referer } = service as Service & { rawTxt?: unknown };
      const beacon = beaconFromTxt(rawTxt);
      if (beacon === undefined || referer === undefined) return;
      this.#heardAt = this.#options.now();
      this.#options.onBeacon(beacon, { host: referer.address, port: referer.port });
    };
    const browser = this.#bonjour.find({ type: TYPE, protocol: 'udp' });
    browser.on('up', take);
    browser.on('txt-update', take);
    return browser;
  }
}

/** A socket that is in the network's group. Rejects with the system's error. */
async function bind({ family, handle }: Network, port: number): Promise<Socket> {
  const socket = createSocket({
    type: family === 4 ? 'udp4' : 'udp6',
    ipv6Only: family === 6,
    reuseAddr: true,
    lookup: (host, _options, callback) => callback(null, host, family),
  });
  const bound = Promise.withResolvers<undefined>();
  socket.once('error', bound.reject);
  socket.bind({ port, exclusive: false }, () => bound.resolve(undefined));
  try {
    await bound.promise;
    socket.addMembership(GROUPS[family], handle);
    socket.setMulticastInterface(handle);
    socket.setMulticastTTL(255); // RFC 6762, section 11
    socket.setMulticastLoopback(true);
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}
