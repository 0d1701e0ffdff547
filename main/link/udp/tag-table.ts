import type { UdpSession } from './udp-session.ts';

/** Tags are looked up by their first 6 bytes, which a number holds exactly: a miss allocates nothing. */
const KEY_BYTES = 6;

/** The sessions of an endpoint by the tag in front of their datagrams. */
export class TagTable {
  readonly #sessions = new Map<number, UdpSession>();

  /** @param datagram longer than a tag */
  find(datagram: Buffer): UdpSession | undefined {
    const session = this.#sessions.get(datagram.readUIntBE(0, KEY_BYTES));
    if (session === undefined) return undefined;
    const { tag } = session;
    return tag[6] === datagram[6] && tag[7] === datagram[7] ? session : undefined;
  }

  get(tag: Uint8Array): UdpSession | undefined {
    return this.find(Buffer.from(tag.buffer, tag.byteOffset, tag.length));
  }

  /** A tag that is taken (once in 2^48 sessions) stays with the session that has it. */
  add(session: UdpSession): void {
    const key = keyOf(session.tag);
    if (!this.#sessions.has(key)) this.#sessions.set(key, session);
  }

  delete(session: UdpSession): void {
    const key = keyOf(session.tag);
    if (this.#sessions.get(key) === session) this.#sessions.delete(key);
  }

  /** Empties the table; returns what was in it. */
  clear(): UdpSession[] {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    return sessions;
  }
}

function keyOf(tag: Uint8Array): number {
  return Buffer.from(tag.buffer, tag.byteOffset, tag.length).readUIntBE(0, KEY_BYTES);
}
