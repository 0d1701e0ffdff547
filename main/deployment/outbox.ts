import type { NatsConnection } from 'nats';

const SLAB_BYTES = 256 * 1024;
/** 4 MiB under way to the server at most. */
const MAX_SLABS = 16;
/** Where `publish` begins to say no: a sender that stops late still finds room. */
const CONGESTED_SLABS = MAX_SLABS - 2;
const DRAINED_SLABS = MAX_SLABS / 2;

/**
 * Copies payloads into slabs and hands them to the client, which keeps references until it writes to its
 * socket. A full slab is followed by a PING; its PONG says that the server has read all of the slab, which
 * can be used again then. So the slabs are both the copy that senders need and the measure of what is under
 * way: the client itself has no limit and no back pressure.
 */
export class Outbox {
  #client: NatsConnection | undefined;
  #slab: Uint8Array | undefined;
  #used = 0;
  #free: Uint8Array[] = [];
  #underWay = 0;
  #congested = false;
  readonly #listeners = new Set<() => void>();

  onDrain(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** From now on (until the next call) to this client, or nowhere; what was under way is lost. */
  attach(client: NatsConnection | undefined): void {
    this.#client = client;
    // Slabs under way may still be referenced by the old client: they are left to it.
    this.#slab = undefined;
    this.#free = [];
    this.#underWay = 0;
    if (client !== undefined) this.#drained();
  }

  /** See `ServerConnection.publish`. */
  publish(subject: string, payload: Uint8Array): boolean {
    const client = this.#client;
    const copy = client && this.#copy(payload, client);
    this.#congested = copy === undefined || this.#underWay >= CONGESTED_SLABS;
    if (client === undefined || copy === undefined) return false;
    try {
      client.publish(subject, copy);
    } catch {
      // Closed or draining since: lost like anything that is sent while away, and `attach` follows.
      this.#congested = true;
    }
    return !this.#congested;
  }

  #copy(payload: Uint8Array, client: NatsConnection): Uint8Array | undefined {
    if (payload.length > SLAB_BYTES) throw new RangeError(`more than ${SLAB_BYTES} bytes`);
    if (this.#slab !== undefined && this.#used + payload.length > SLAB_BYTES) {
      this.#seal(this.#slab, client);
      this.#slab = undefined;
    }
    if (this.#slab === undefined) {
      if (this.#underWay >= MAX_SLABS) return undefined;
      this.#slab = this.#free.pop() ?? new Uint8Array(SLAB_BYTES);
      this.#used = 0;
    }
    const copy = this.#slab.subarray(this.#used, this.#used + payload.length);
    copy.set(payload);
    this.#used += payload.length;
    return copy;
  }

  #seal(slab: Uint8Array, client: NatsConnection): void {
    this.#underWay += 1;
    client.flush().then(
      () => {
        if (this.#client !== client || this.#underWay === 0) return;
        this.#underWay -= 1;
        this.#free.push(slab);
        if (this.#congested && this.#underWay <= DRAINED_SLABS) this.#drained();
      },
      () => {
        // Disconnected: the client's state follows at once and resets everything (`attach`).
      },
    );
  }

  #drained(): void {
    if (!this.#congested) return;
    this.#congested = false;
    for (const listener of this.#listeners) listener();
  }
}
