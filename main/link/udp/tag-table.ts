import type { UdpConn } from './udp-conn.ts';

/** Tags are looked up by their first 6 bytes, which a number holds exactly: a miss allocates nothing. */
const KEY_BYTES = 6;

/** The sessions of an endpoint by the tag in front of their datagrams. */
export class TagTable {
  readonly #conns = new Map<number, UdpConn>();

  /** @param datagram longer than a tag */
  find(datagram: Buffer): UdpConn | undefined {
    const conn = this.#conns.get(datagram.readUIntBE(0, KEY_BYTES));
    if (conn === undefined) return undefined;
    const { tag } = conn;
    return tag[6] === datagram[6] && tag[7] === datagram[7] ? conn : undefined;
  }

  /** A tag that is taken (once in 2^48 sessions) stays with the session that has it. */
  add(conn: UdpConn): void {
    const key = keyOf(conn.tag);
    if (!this.#conns.has(key)) this.#conns.set(key, conn);
  }

  delete(conn: UdpConn): void {
    const key = keyOf(conn.tag);
    if (this.#conns.get(key) === conn) this.#conns.delete(key);
  }

  /** Empties the table; returns what was in it. */
  clear(): UdpConn[] {
    const conns = [...this.#conns.values()];
    this.#conns.clear();
    return conns;
  }
}

function keyOf(tag: Uint8Array): number {
  return Buffer.from(tag.buffer, tag.byteOffset, tag.length).readUIntBE(0, KEY_BYTES);
}
