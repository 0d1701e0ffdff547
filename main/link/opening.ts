/** How a stream begins: `{protocol, …header}`, answered by `{ok: true}` or `{refused: code}` (docs/link.md). */
import { z } from 'zod';
import type { PeerKey } from '../identity/types.ts';
import { LinkError } from './errors.ts';
import { encodeFrame, readFrame } from './framing.ts';
import type { QuicStream } from './quic/quic-stream.ts';
import type { Stream } from './types.ts';

const MAX_OPENING = 4 * 1024;
const MAX_ANSWER = 256;

const openingSchema = z.looseObject({
  protocol: z
    .string()
    .max(64)
    .regex(/^(\/[a-z0-9.-]+)+$/),
});
const answerSchema = z.union([
  z.strictObject({ ok: z.literal(true) }),
  z.strictObject({ refused: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/) }),
]);

/** A stream with its name on it. */
export class LinkStream implements Stream {
  readonly peer: PeerKey;
  readonly protocol: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly #raw: QuicStream;

  constructor(
    peer: PeerKey,
    protocol: string,
    header: Readonly<Record<string, unknown>>,
    raw: QuicStream,
  ) {
    this.peer = peer;
    this.protocol = protocol;
    this.header = header;
    this.#raw = raw;
  }

  read(target: Uint8Array, signal?: AbortSignal): Promise<number> {
    return this.#raw.read(target, signal);
  }

  write(bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    return this.#raw.write(bytes, signal);
  }

  end(): Promise<void> {
    return this.#raw.end();
  }

  abort(): void {
    this.#raw.abort();
  }
}

/**
 * The opener's side. Gives the raw stream up on failure.
 *
 * @throws LinkError `stream-refused`, `stream-header`, what reading and writing throw
 */
export async function sendOpening(
  raw: QuicStream,
  peer: PeerKey,
  protocol: string,
  header: Readonly<Record<string, unknown>>,
  signal: AbortSignal | undefined,
): Promise<Stream> {
  try {
    await raw.write(encodeFrame({ ...header, protocol }, MAX_OPENING), signal);
    const answer = answerSchema.safeParse(await readFrame(raw, MAX_ANSWER, signal));
    if (!answer.success) {
      throw new LinkError('stream-header', 'The other peer answered a stream with nonsense.');
    }
    if ('refused' in answer.data) {
      const { refused } = answer.data;
      const message = `The other peer refused ${protocol}: ${refused}.`;
      throw new LinkError('stream-refused', message, { refusal: refused });
    }
    return new LinkStream(peer, protocol, header, raw);
  } catch (error) {
    raw.abort();
    throw error;
  }
}

/** The acceptor's side: what the opener wants. Throws LinkError `stream-header`, what reading throws. */
export async function readOpening(
  raw: QuicStream,
  signal: AbortSignal,
): Promise<{ protocol: string; header: Record<string, unknown> }> {
  const opening = openingSchema.safeParse(await readFrame(raw, MAX_OPENING, signal));
  if (!opening.success) throw new LinkError('stream-header', 'A stream names no protocol.');
  const { protocol, ...header } = opening.data;
  return { protocol, header };
}

export function acceptStream(raw: QuicStream): Promise<void> {
  return raw.write(encodeFrame({ ok: true }, MAX_ANSWER));
}

/** @param code kebab-case: the opener gets it as `LinkError.refusal` */
export async function refuseStream(raw: QuicStream, code: string): Promise<void> {
  await raw.write(encodeFrame({ refused: code }, MAX_ANSWER));
  raw.release();
}
