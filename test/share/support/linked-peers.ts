/** Two ends of a link in memory: `Links` as sharing sees them, with back pressure, cuts, counts and faults. */
import { LinkError } from '../../../main/link/errors.ts';
import { Emitter } from '../../../main/base/emitter.ts';
import type { PeerKey } from '../../../main/identity/types.ts';
import type {
  LinkEvents,
  LinkInfo,
  Links,
  Stream,
  StreamHandler,
} from '../../../main/link/types.ts';

const PIPE_BYTES = 512 * 1024;

/** One direction of a stream: a ring of bytes with a writer that waits. */
class Pipe {
  readonly #ring = Buffer.alloc(PIPE_BYTES);
  #from = 0;
  #length = 0;
  #ended = false;
  #broken: Error | undefined;
  #wake: (() => void)[] = [];

  async #wait(): Promise<void> {
    await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  #changed(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  async read(target: Uint8Array): Promise<number> {
    while (this.#length === 0) {
      if (this.#broken !== undefined) throw this.#broken;
      if (this.#ended) return 0;
      await this.#wait();
    }
    if (this.#broken !== undefined) throw this.#broken;
    const count = Math.min(target.length, this.#length, PIPE_BYTES - this.#from);
    target.set(this.#ring.subarray(this.#from, this.#from + count));
    this.#from = (this.#from + count) % PIPE_BYTES;
    this.#length -= count;
    this.#changed();
    return count;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      if (this.#broken !== undefined) throw this.#broken;
      const at = (this.#from + this.#length) % PIPE_BYTES;
      const count = Math.min(bytes.length - done, PIPE_BYTES - this.#length, PIPE_BYTES - at);
      if (count === 0) {
        await this.#wait();
        continue;
      }
      this.#ring.set(bytes.subarray(done, done + count), at);
      this.#length += count;
      done += count;
      this.#changed();
    }
  }

  end(): void {
    this.#ended = true;
    this.#changed();
  }

  break(error: Error): void {
    this.#broken ??= error;
    this.#changed();
  }
}

class MemoryStream implements Stream {
  readonly peer: PeerKey;
  readonly protocol: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly #in: Pipe;
  readonly #out: Pipe;
  readonly #onWrite: (bytes: Uint8Array) => Uint8Array;

  constructor(
    stream: { peer: PeerKey; protocol: string; header: Record<string, unknown> },
    pipes: { in: Pipe; out: Pipe },
    onWrite: (bytes: Uint8Array) => Uint8Array,
  ) {
    this.peer = stream.peer;
    this.protocol = stream.protocol;
    this.header = stream.header;
    this.#in = pipes.in;
    this.#out = pipes.out;
    this.#onWrite = onWrite;
  }

  read(target: Uint8Array): Promise<number> {
    return this.#in.read(target);
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#out.write(this.#onWrite(bytes));
  }

  async end(): Promise<void> {
    this.#out.end();
  }

  abort(): void {
    this.fail(new LinkError('stream-reset', 'The stream was given up.'));
  }

  fail(error: Error): void {
    this.#in.break(error);
    this.#out.break(error);
  }
}

class End implements Links {
  readonly key: PeerKey;
  readonly events = new Emitter<LinkEvents>();
  readonly handlers = new Map<string, StreamHandler>();
  readonly #pair: LinkedPeers;

  constructor(key: PeerKey, pair: LinkedPeers) {
    this.key = key;
    this.#pair = pair;
  }

  list(): LinkInfo[] {
    return this.#pair.up ? [this.#info()] : [];
  }

  get(peer: PeerKey): LinkInfo | undefined {
    return this.#pair.up && peer === this.#pair.other(this).key ? this.#info() : undefined;
  }

  #info(): LinkInfo {
    return {
      peer: this.#pair.other(this).key,
      path: 'udp',
      remote: 'memory',
      paths: [],
      rttMs: 0,
      since: 0,
      sentBytes: 0,
      receivedBytes: 0,
      streams: this.#pair.streams,
    };
  }

  openStream(
    peer: PeerKey,
    protocol: string,
    options: { header?: Record<string, unknown>; signal?: AbortSignal } = {},
  ): Promise<Stream> {
    options.signal?.throwIfAborted();
    return this.#pair.open(this, peer, protocol, options.header ?? {});
  }

  handle(protocol: string, handler: StreamHandler): () => void {
    this.handlers.set(protocol, handler);
    return () => this.handlers.delete(protocol);
  }

  announce(peer: PeerKey, topic: string, body: unknown): void {
    const other = this.#pair.other(this);
    if (!this.#pair.up || peer !== other.key) return;
    setImmediate(() => other.events.emit('announcement', this.key, topic, body));
  }

  on<Name extends keyof LinkEvents & string>(
    name: Name,
    listener: (...args: LinkEvents[Name]) => void,
  ): () => void {
    return this.events.on(name, listener);
  }
}

/** A link between two keys. `a` and `b` are what the two sides hold. */
export class LinkedPeers {
  readonly a: End;
  readonly b: End;
  up = true;
  /** Streams that are open now, and that were ever opened. */
  streams = 0;
  opened = 0;
  /** Bytes that each side sent. */
  readonly sent = { a: 0, b: 0 };
  /** Sees, and may replace, what a side writes. */
  tap: ((from: 'a' | 'b', bytes: Uint8Array) => Uint8Array) | undefined;
  readonly #live = new Set<MemoryStream>();

  constructor(a: PeerKey, b: PeerKey) {
    this.a = new End(a, this);
    this.b = new End(b, this);
  }

  other(end: End): End {
    return end === this.a ? this.b : this.a;
  }

  async open(
    from: End,
    peer: PeerKey,
    protocol: string,
    header: Record<string, unknown>,
  ): Promise<Stream> {
    await new Promise((resolve) => setImmediate(resolve));
    const to = this.other(from);
    if (!this.up || peer !== to.key) throw new LinkError('not-linked', 'There is no link.');
    const handler = to.handlers.get(protocol);
    if (handler === undefined) throw new LinkError('stream-refused', 'Unknown protocol.');
    const there = new Pipe();
    const back = new Pipe();
    const mine = this.#stream(from, { peer, protocol, header }, { in: back, out: there });
    const theirs = this.#stream(to, { peer: from.key, protocol, header }, { in: there, out: back });
    this.streams += 1;
    this.opened += 1;
    handler(theirs)
      .then(
        () => theirs.end(),
        () => theirs.abort(),
      )
      .finally(() => {
        this.streams -= 1;
        this.#live.delete(mine);
        this.#live.delete(theirs);
      });
    return mine;
  }

  #stream(
    end: End,
    stream: { peer: PeerKey; protocol: string; header: Record<string, unknown> },
    pipes: { in: Pipe; out: Pipe },
  ): MemoryStream {
    const side = end === this.a ? 'a' : 'b';
    const made = new MemoryStream(stream, pipes, (bytes) => {
      this.sent[side] += bytes.length;
      return this.tap?.(side, bytes) ?? bytes;
    });
    this.#live.add(made);
    return made;
  }

  /** Takes the link down: every stream fails. */
  cut(): void {
    if (!this.up) return;
    this.up = false;
    for (const stream of this.#live) stream.fail(new LinkError('link-down', 'The link is down.'));
    this.#live.clear();
    this.a.events.emit('down', this.b.key, 'cut');
    this.b.events.emit('down', this.a.key, 'cut');
  }

  join(): void {
    if (this.up) return;
    this.up = true;
    this.a.events.emit('up', this.b.key);
    this.b.events.emit('up', this.a.key);
  }
}
