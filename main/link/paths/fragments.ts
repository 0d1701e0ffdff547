/**
 * QUIC packets in several datagrams (docs/protocol.md "Long packets"). What a packet costs the processor, and its headers
 * on the line, are then paid once for several datagrams; in return the loss of one is that of all.
 */
import { MAX_REMOTE_PACKET } from '../udp/udp-conn.ts';

/** The first byte tells a part from messages about paths (0x01) and packets of QUIC (from 0x40 on). */
const FIRST_BYTE = 0x02;
const HEAD = 4;
/** A packet has so many parts at most. */
export const MOST_FRAGMENTS = 8;
/** Packets of which parts are waited for: so far datagrams may overtake each other. */
const SLOTS = 32;
/** Of a packet, in the longest datagram, bytes. */
const LONGEST_PART = MAX_REMOTE_PACKET - HEAD;

/** Bytes of a packet that go into a datagram of this length. */
export const fragmentBytes = (datagramBytes: number): number => datagramBytes - HEAD;

/** Whether a session's datagram is a part of a packet. */
export const isFragment = (datagram: Uint8Array): boolean => datagram[0] === FIRST_BYTE;

/** Cuts the packets of a link up. Numbers count over all of its paths: one that is opened again brings none anew. */
export class Fragmenter {
  readonly #space = new Uint8Array(MAX_REMOTE_PACKET);
  #number = 0;

  /**
   * @param packet at most eight times as long as a part
   * @param datagramBytes how long a datagram may be
   * @param send is given one datagram after the other; the bytes are good until it returns
   */
  split(packet: Uint8Array, datagramBytes: number, send: (datagram: Uint8Array) => void): void {
    const most = fragmentBytes(datagramBytes);
    const count = Math.ceil(packet.length / most);
    const space = this.#space;
    this.#number = (this.#number + 1) & 0xffff;
    space[0] = FIRST_BYTE;
    space[1] = this.#number >> 8;
    space[2] = this.#number & 0xff;
    for (let index = 0; index < count; index += 1) {
      const part = packet.subarray(index * most, (index + 1) * most);
      space[3] = (index << 4) | (count - 1);
      space.set(part, HEAD);
      send(space.subarray(0, HEAD + part.length));
    }
  }
}

interface Slot {
  readonly bytes: Uint8Array;
  readonly lengths: Uint16Array;
  number: number;
  count: number;
  /** A bit for each part that is still to come; 0: the packet was complete. */
  missing: number;
}

/** Puts the packets of a link together again. Whoever forges a part spoils one packet, and no more: QUIC authenticates the whole. */
export class Reassembly {
  readonly #slots: (Slot | undefined)[] = [];

  /** @returns the packet that is complete with this part, valid until the next call; undefined: there is none */
  add(datagram: Uint8Array): Uint8Array | undefined {
    const number = ((datagram[1] ?? 0) << 8) | (datagram[2] ?? 0);
    const place = datagram[3] ?? 0;
    const index = place >> 4;
    const count = (place & 0xf) + 1;
    const length = datagram.length - HEAD;
    if (!isFragment(datagram) || length < 1 || length > LONGEST_PART) return undefined;
    if (count > MOST_FRAGMENTS || index >= count) return undefined;
    const slot = this.#slotOf(number, count);
    const bit = 1 << index;
    if ((slot.missing & bit) === 0) return undefined;
    slot.missing &= ~bit;
    slot.bytes.set(datagram.subarray(HEAD), index * LONGEST_PART);
    slot.lengths[index] = length;
    return slot.missing === 0 ? join(slot) : undefined;
  }

  /**
   * Whatever number comes takes the place of another one: were lower ones dropped as late, one forged number could keep
   * out thousands of packets.
   */
  #slotOf(number: number, count: number): Slot {
    const slot = (this.#slots[number % SLOTS] ??= {
      bytes: new Uint8Array(MOST_FRAGMENTS * LONGEST_PART),
      lengths: new Uint16Array(MOST_FRAGMENTS),
      number: -1,
      count,
      missing: 0,
    });
    if (slot.number === number && slot.count === count) return slot;
    slot.number = number;
    slot.count = count;
    slot.missing = 2 ** count - 1;
    return slot;
  }
}

function join({ bytes, lengths, count }: Slot): Uint8Array {
  let end = 0;
  for (let index = 0; index < count; index += 1) {
    const begin = index * LONGEST_PART;
    const length = lengths[index] ?? 0;
    if (begin !== end) bytes.copyWithin(end, begin, begin + length);
    end += length;
  }
  return bytes.subarray(0, end);
}
