/** Discovery on loopback alone: no datagram of these tests leaves the machine. */
import { createSocket } from 'node:dgram';
import { randomBytes } from 'node:crypto';
import { createLog } from '../../../main/base/log.ts';
import { encodeNKey } from '../../../main/base/nkey.ts';
import { signWith } from '../../../main/base/signature.ts';
import { agree, agreementKey } from '../../../main/identity/agreement.ts';
import { ed25519PrivateKey, rawPublicKey } from '../../../main/identity/ed25519.ts';
import type { Identity, PeerKey } from '../../../main/identity/types.ts';
import { Discovery, type DiscoveryOptions } from '../../../main/link/discovery/discovery.ts';
import { listNetworks } from '../../../main/link/discovery/interfaces.ts';

export const log = createLog(process.env['SKERRY_TEST_LOG'] ?? 'silent');

export type TestIdentity = Pick<Identity, 'key' | 'sign' | 'agree'>;

/** @param fill makes the same identity again */
export function testIdentity(fill?: number): TestIdentity {
  const seed = fill === undefined ? randomBytes(32) : new Uint8Array(32).fill(fill);
  const privateKey = ed25519PrivateKey(seed);
  const own = {
    key: encodeNKey('account', rawPublicKey(privateKey)),
    privateKey: agreementKey(seed),
  };
  return {
    key: own.key,
    sign: (domain, message) => signWith(privateKey, domain, message),
    agree: (peer, purpose) => agree(own, peer, purpose),
  };
}

/** A UDP port that is free now. */
export async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

export async function until(holds: () => boolean, what: string): Promise<void> {
  for (const end = Date.now() + 5000; !holds();) {
    if (Date.now() > end) throw new Error(`did not come: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

interface Member {
  readonly identity: TestIdentity;
  readonly discovery: Discovery;
}

type MemberOptions = Partial<Omit<DiscoveryOptions, 'identity' | 'name' | 'contacts'>> & {
  readonly identity?: TestIdentity;
  readonly lan?: 'everyone' | 'contacts' | 'off';
  readonly name?: string;
  readonly contacts?: readonly PeerKey[];
};

/** Peers on one loopback network of their own, told apart from others by the ports. */
export class Room {
  readonly #members: Discovery[] = [];
  readonly #ports: { beacon: number; mdns: number };

  private constructor(ports: { beacon: number; mdns: number }) {
    this.#ports = ports;
  }

  /** @param by what of discovery works in this room */
  static async open(by: readonly ('beacon' | 'mdns')[] = ['beacon']): Promise<Room> {
    return new Room({
      beacon: by.includes('beacon') ? await freePort() : 0,
      mdns: by.includes('mdns') ? await freePort() : 0,
    });
  }

  get beaconPort(): number {
    return this.#ports.beacon;
  }

  get mdnsPort(): number {
    return this.#ports.mdns;
  }

  async enter(options: MemberOptions = {}): Promise<Member> {
    const { identity = testIdentity(), lan = 'everyone', name, contacts = [], ...others } = options;
    const discovery = new Discovery({
      identity,
      port: () => 4000 + this.#members.length,
      name: () => name ?? '',
      visibility: () => ({ lan, name: name !== undefined }),
      contacts: () => contacts,
      isKnown: (key) => contacts.includes(key),
      now: Date.now,
      log,
      networks: () => listNetworks(true),
      ports: this.#ports,
      ...others,
    });
    this.#members.push(discovery);
    await discovery.start();
    return { identity, discovery };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#members.map((member) => member.stop()));
  }
}
