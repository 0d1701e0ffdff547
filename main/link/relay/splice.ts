import { setTimeout as delay } from 'node:timers/promises';
import type { TokenBucket } from '../session/token-bucket.ts';
import type { Opened } from './open-through.ts';
import { Outbox } from './outbox.ts';

/** What waits for the next link, bytes and ms; what comes then is dropped, and QUIC at the ends slows down. */
const WAITING_BYTES = 256 * 1024;
const WAITING_MS = 250;
/** Who goes on sending when so much was dropped in a row, bytes, is not read for a while, ms. */
const FLOOD_BYTES = 256 * 1024;
const FLOOD_PAUSE_MS = 50;
/** A connection that carries nothing for so long is ended, ms: even an idle path is pinged more often. */
const IDLE_MS = 90_000;
/** When one side has ended, the other has so long to end as well, ms. */
const LAST_MS = 2_000;

export interface SpliceSide extends Opened {
  /** Bytes that this side may send. */
  readonly rate: TokenBucket;
  /** Whether datagrams may go to this side now. */
  readonly isUsable: () => boolean;
}

export interface Splice {
  /** Gives both streams up. Idempotent. */
  abort(): void;
  /** Resolves when both are over. */
  readonly over: Promise<void>;
}

/**
 * Carries datagrams both ways between two streams, without looking at them.
 *
 * @param now milliseconds
 */
export function splice(a: SpliceSide, b: SpliceSide, now: () => number): Splice {
  const ended = new AbortController();
  let carriedAt = now();
  const abort = (): void => {
    ended.abort();
    a.stream.abort();
    b.stream.abort();
  };
  const outboxTo = ({ stream }: SpliceSide): Outbox =>
    new Outbox({
      stream,
      limitBytes: WAITING_BYTES,
      age: { ms: WAITING_MS, now },
      onFailed: abort,
    });
  const [toA, toB] = [outboxTo(a), outboxTo(b)];

  const pump = async (from: SpliceSide, to: SpliceSide, outbox: Outbox): Promise<void> => {
    let dropped = 0;
    const pass = (frame: Uint8Array): void => {
      if (!from.rate.take(now(), frame.length)) dropped += frame.length;
      else {
        dropped = 0;
        if (to.isUsable()) outbox.push(Buffer.from(frame));
      }
    };
    while (await from.reader.some(pass)) {
      carriedAt = now();
      if (dropped < FLOOD_BYTES) continue;
      dropped = 0;
      await delay(FLOOD_PAUSE_MS, undefined, { signal: ended.signal });
    }
  };

  const idle = setInterval(() => {
    if (now() - carriedAt > IDLE_MS) abort();
  }, IDLE_MS / 3);
  let last: NodeJS.Timeout | undefined;
  const end = (): void => {
    last ??= setTimeout(abort, LAST_MS);
    toA.close();
    toB.close();
  };
  const over = Promise.all([
    pump(a, b, toB).then(end, abort),
    pump(b, a, toA).then(end, abort),
  ]).then(() => {
    clearInterval(idle);
    clearTimeout(last);
  });
  return { abort, over };
}
