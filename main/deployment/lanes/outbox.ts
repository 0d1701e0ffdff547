import type { Socket } from 'node:net';

const SLAB_BYTES = 256 * 1024;
/** 4 MiB that the system has not taken from us yet, at most. */
const MAX_SLABS = 16;
/** Where `send` begins to say no: a sender that stops late still finds room. */
const CONGESTED_SLABS = MAX_SLABS - 2;
const DRAINED_SLABS = MAX_SLABS / 2;
const CRLF = '\r\n';
/** The length in decimal and two line ends. */
const MAX_OVERHEAD = 16;

interface Slab {
  readonly bytes: Buffer;
  used: number;
  /** Up to where it was handed to the socket. */
  written: number;
  /** Writes that the socket has not finished. */
  writes: number;
}

/**
 * Builds PUB frames in slabs and writes them to the socket of a NATS client, all of one turn at once.
 *
 * The slab is the copy that senders need, and what of the slabs the socket has not taken is the measure of
 * congestion; nats.js copies each message twice and has no measure at all. Only whole frames are written, so
 * they may stand anywhere between what the client itself writes.
 */
export class Outbox {
  #socket: Socket | undefined;
  #slab: Slab | undefined;
  #free: Slab[] = [];
  /** Full slabs that the socket still writes from. */
  #underWay = 0;
  #scheduled = false;
  #congested = false;
  readonly #listeners = new Set<() => void>();

  onDrain(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** From now on (until the next call) to this socket, or nowhere; what was under way is lost. */
  attach(socket: Socket | undefined): void {
    this.#socket = socket;
    // The old socket may still read its slabs: they are left to it.
    this.#slab = undefined;
    this.#free = [];
    this.#underWay = 0;
    if (socket !== undefined) this.#drained();
  }

  /**
   * Sends one message: `head` is `PUB <subject> `.
   *
   * @returns false when too much is under way, or there is no socket, so that this or the next one is lost
   */
  send(head: Uint8Array, payload: Uint8Array): boolean {
    const size = head.length + payload.length + MAX_OVERHEAD;
    const slab = this.#slabFor(size);
    if (slab === undefined) {
      this.#congested = true;
      return false;
    }
    const { bytes } = slab;
    let at = slab.used;
    bytes.set(head, at);
    at += head.length;
    at += bytes.write(`${payload.length}${CRLF}`, at, 'latin1');
    bytes.set(payload, at);
    at += payload.length;
    at += bytes.write(CRLF, at, 'latin1');
    slab.used = at;
    if (!this.#scheduled) {
      this.#scheduled = true;
      queueMicrotask(() => this.#flush());
    }
    this.#congested = this.#underWay >= CONGESTED_SLABS;
    return !this.#congested;
  }

  #slabFor(size: number): Slab | undefined {
    if (this.#socket === undefined || size > SLAB_BYTES) return undefined;
    if (this.#slab !== undefined && this.#slab.used + size > SLAB_BYTES) {
      this.#write(this.#slab);
      this.#underWay += 1;
      this.#slab = undefined;
    }
    if (this.#slab === undefined && this.#underWay < MAX_SLABS) {
      this.#slab = this.#free.pop() ?? {
        bytes: Buffer.allocUnsafeSlow(SLAB_BYTES),
        used: 0,
        written: 0,
        writes: 0,
      };
    }
    return this.#slab;
  }

  #flush(): void {
    this.#scheduled = false;
    if (this.#slab !== undefined) this.#write(this.#slab);
  }

  #write(slab: Slab): void {
    const socket = this.#socket;
    if (socket === undefined || slab.used === slab.written) return;
    slab.writes += 1;
    socket.write(slab.bytes.subarray(slab.written, slab.used), () => {
      slab.writes -= 1;
      // An error closes the socket, and `attach` follows.
      if (this.#socket === socket) this.#written(slab);
    });
    slab.written = slab.used;
  }

  #written(slab: Slab): void {
    if (slab.writes > 0) return;
    if (slab === this.#slab) {
      // All of it is gone: begin at its start again, where the cache is warm.
      if (slab.written === slab.used) slab.used = slab.written = 0;
      return;
    }
    this.#underWay -= 1;
    slab.used = slab.written = 0;
    this.#free.push(slab);
    if (this.#underWay <= DRAINED_SLABS) this.#drained();
  }

  #drained(): void {
    if (!this.#congested) return;
    this.#congested = false;
    for (const listener of this.#listeners) listener();
  }
}
