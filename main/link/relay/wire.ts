/** What goes over a relay's streams (docs/protocol.md "Relays"). */
import { z } from 'zod';
import { isPeerKey } from '../../base/nkey.ts';
import type { PeerKey } from '../../identity/types.ts';
import { encodeFrame, readFrame } from '../framing.ts';
import type { Stream } from '../types.ts';

export const RELAY_PROTOCOL = '/skerry/relay/1';
/** Contacts between two peers at most. */
export const MOST_RELAYS = 3;
/** The longest datagram that is carried: what fits on any path between the contacts in between. */
export const MAX_RELAYED = 1_350;
/** In front of each datagram: its length. */
export const LENGTH_BYTES = 2;
/** What the first datagram of a stream is about. */
export const FIRST = { dial: 0, join: 1 } as const;
export const TAG_BYTES = 8;

const MAX_ANSWER = 64;

const Key = z.string().refine((key): key is PeerKey => isPeerKey(key));

export const RelayHeader = z.object({
  /** Who opened the first stream, as the one who opened this one says. */
  from: Key,
  to: Key,
  /** Contacts that may still come, the reader of this among them; 0: `to` reads it. */
  hops: z.int().min(0).max(MOST_RELAYS),
});
export type RelayHeader = z.infer<typeof RelayHeader>;

const REFUSALS = ['relay-off', 'relay-unknown', 'relay-busy', 'relay-too-far'] as const;
export type RelayRefusal = (typeof REFUSALS)[number];

const Answer = z.union([
  z.strictObject({ ok: z.literal(true) }),
  z.strictObject({ refused: z.enum(REFUSALS) }),
]);

/** The first thing that comes back on a stream: all streams up to `to` are open, or none is. */
export function writeAnswer(stream: Stream, refused?: RelayRefusal): Promise<void> {
  return stream.write(encodeFrame(refused === undefined ? { ok: true } : { refused }, MAX_ANSWER));
}

/**
 * @returns undefined: open. What cannot be understood is `relay-unknown`
 * @throws what reading throws
 */
export async function readAnswer(
  stream: Stream,
  signal: AbortSignal,
): Promise<RelayRefusal | undefined> {
  const answer = Answer.safeParse(await readFrame(stream, MAX_ANSWER, signal));
  if (!answer.success) return 'relay-unknown';
  return 'refused' in answer.data ? answer.data.refused : undefined;
}

/** A datagram as it travels: its length, then itself. */
export function frameOf(...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const frame = Buffer.allocUnsafe(LENGTH_BYTES + length);
  frame.writeUInt16BE(length);
  let at = LENGTH_BYTES;
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  return frame;
}
