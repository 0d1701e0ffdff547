/** The control stream of a link: hello first, then announcements, bye at an orderly end (docs/link.md). */
import { z } from 'zod';
import { isIP } from 'node:net';
import { cleanName } from '../base/display-name.ts';
import type { Way } from '../identity/types.ts';
import { LinkError } from './errors.ts';
import { encodeFrame, readFrame } from './framing.ts';
import { TokenBucket } from './session/token-bucket.ts';
import type { Stream } from './types.ts';

export const CONTROL_PROTOCOL = '/skerry/control/1';

/** An announcement's CBOR. */
const MAX_BODY = 16 * 1024;
const MAX_MESSAGE = MAX_BODY + 1024;
const MAX_WAYS = 16;
/** What a peer may send, messages; what we send stays below it. */
const RECEIVE_PER_SECOND = 50;
const RECEIVE_BURST = 500;
const SEND_PER_SECOND = 40;
const SEND_BURST = 400;
/** Messages that may wait to be sent. */
const MAX_QUEUE = 1024;

const waySchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('udp'),
    host: z.string().refine((host) => isIP(host) !== 0),
    port: z.int().min(1).max(65_535),
  }),
  z.strictObject({
    kind: z.literal('nats'),
    server: z.string().min(1).max(256),
    prefix: z.string().min(1).max(64),
  }),
]);
/** Ways of kinds that this build does not know are passed over one by one. */
const waysSchema = z.array(z.unknown()).max(MAX_WAYS);
const helloSchema = z.object({
  type: z.literal('hello'),
  name: z.string().max(256),
  version: z.string().max(32),
  ways: waysSchema,
  replaces: z.string().max(64).optional(),
});
const messageSchema = z.discriminatedUnion('type', [
  helloSchema,
  z.object({ type: z.literal('ways'), ways: waysSchema }),
  z.object({
    type: z.literal('announce'),
    topic: z.string().min(1).max(128),
    body: z.unknown(),
  }),
  z.object({ type: z.literal('bye'), reason: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/) }),
]);
/** Types to come are ignored by this build. */
const otherSchema = z.looseObject({ type: z.string().max(64) });

export interface Hello {
  /** Display name; cleaned when it came from the other side, perhaps empty. */
  readonly name: string;
  readonly version: string;
  readonly ways: readonly Way[];
  /** The session that an acceptor gives up for this one; see settle.ts. */
  readonly replaces?: string | undefined;
}

export interface ControlEvents {
  /** The ways that there are to the other side from now on. */
  readonly onWays: (ways: readonly Way[]) => void;
  readonly onAnnouncement: (topic: string, body: unknown) => void;
  readonly onBye: (reason: string) => void;
}

/** Both directions of an opened control stream. */
export class ControlChannel {
  readonly #stream: Stream;
  readonly #now: () => number;
  readonly #queue: Uint8Array[] = [];
  readonly #sendRate: TokenBucket;
  #sending = false;
  #pause: NodeJS.Timeout | undefined;

  /** @param now milliseconds */
  constructor(stream: Stream, now: () => number) {
    this.#stream = stream;
    this.#now = now;
    this.#sendRate = new TokenBucket(SEND_PER_SECOND, SEND_BURST, now());
  }

  /** What goes out first on either side. */
  sendHello({ name, version, ways, replaces }: Hello): Promise<void> {
    const known = { type: 'hello', name, version, ways: ways.slice(0, MAX_WAYS) };
    const hello = replaces === undefined ? known : { ...known, replaces };
    return this.#stream.write(encodeFrame(hello, MAX_MESSAGE));
  }

  /** Throws LinkError `link-protocol` when anything else comes first; what reading throws. */
  async readHello(signal: AbortSignal): Promise<Hello> {
    const hello = helloSchema.safeParse(await readFrame(this.#stream, MAX_MESSAGE, signal));
    if (!hello.success) throw new LinkError('link-protocol', 'The other peer did not say hello.');
    const { name, version, replaces } = hello.data;
    return { name: cleanName(name), version, ways: knownWays(hello.data.ways), replaces };
  }

  /**
   * Queues an announcement. Throws LinkError `stream-header` when it is longer than 16 KiB of CBOR, and
   * `link-limit` when a thousand wait already.
   */
  announce(topic: string, body: unknown): void {
    encodeFrame(body, MAX_BODY);
    const message = encodeFrame({ type: 'announce', topic, body }, MAX_MESSAGE);
    if (this.#queue.length >= MAX_QUEUE) {
      throw new LinkError('link-limit', 'Too many announcements wait to be sent.');
    }
    this.#send(message);
  }

  /** Queues what ways there are to this side now. */
  tellWays(ways: readonly Way[]): void {
    this.#send(encodeFrame({ type: 'ways', ways: ways.slice(0, MAX_WAYS) }, MAX_MESSAGE));
  }

  /** Says why the link will end, ahead of everything that waits. */
  bye(reason: string): void {
    this.close();
    this.#stream.write(encodeFrame({ type: 'bye', reason }, MAX_MESSAGE)).catch(() => {
      // The link is ending either way.
    });
  }

  /** Forgets what waits to be sent. */
  close(): void {
    this.#queue.length = 0;
    clearTimeout(this.#pause);
  }

  /** Reads until the stream ends. Throws LinkError `link-protocol` for a peer that breaks the rules. */
  async readAll(events: ControlEvents): Promise<void> {
    const rate = new TokenBucket(RECEIVE_PER_SECOND, RECEIVE_BURST, this.#now());
    for (;;) {
      const value = await readFrame(this.#stream, MAX_MESSAGE);
      if (value === undefined) return;
      if (!rate.take(this.#now())) {
        throw new LinkError('link-protocol', 'The other peer sends too many control messages.');
      }
      const message = messageSchema.safeParse(value);
      if (!message.success) {
        if (isUnknownType(value)) continue;
        throw new LinkError('link-protocol', 'The other peer sent a malformed control message.');
      }
      if (message.data.type === 'announce') {
        events.onAnnouncement(message.data.topic, message.data.body);
      } else if (message.data.type === 'ways') {
        events.onWays(knownWays(message.data.ways));
      } else if (message.data.type === 'bye') {
        events.onBye(message.data.reason);
      }
    }
  }

  #send(message: Uint8Array): void {
    this.#queue.push(message);
    this.#sendQueued();
  }

  #sendQueued(): void {
    if (this.#sending) return;
    const message = this.#queue[0];
    if (message === undefined) return;
    this.#sending = true;
    if (!this.#sendRate.take(this.#now())) {
      this.#pause = setTimeout(() => {
        this.#sending = false;
        this.#sendQueued();
      }, 1000 / SEND_PER_SECOND);
      return;
    }
    this.#queue.shift();
    this.#stream.write(message).then(
      () => {
        this.#sending = false;
        this.#sendQueued();
      },
      () => this.close(), // The link is down; whoever holds it hears that elsewhere.
    );
  }
}

function knownWays(ways: readonly unknown[]): Way[] {
  return ways.flatMap((way) => {
    const known = waySchema.safeParse(way);
    return known.success ? [known.data] : [];
  });
}

function isUnknownType(value: unknown): boolean {
  const other = otherSchema.safeParse(value);
  return other.success && !['hello', 'ways', 'announce', 'bye'].includes(other.data.type);
}
