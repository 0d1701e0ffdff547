/** Dial, ack and refusal: their shapes, their bytes, and what their signatures cover (docs/protocol.md). */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { MAX_NAME_LENGTH } from '../../base/display-name.ts';
import { verifySignature } from '../../base/signature.ts';
import type { Signer } from '../../identity/types.ts';
import { encodeCbor } from '../../base/cbor.ts';
import { decodeCanonical } from './cbor.ts';

export const VERSION = 1;
/** No message of the session establishment is longer. */
const MAX_MESSAGE_BYTES = 1000;

const DIAL_DOMAIN = 'skerry dial 1';
const ACK_DOMAIN = 'skerry ack 1';
const REFUSAL_DOMAIN = 'skerry refusal 1';
const INVITE_DOMAIN = 'skerry invite 1';

/** Every reason a peer gives for not opening a session. */
const refusalCodes = ['unknown-peer', 'blocked', 'busy', 'clock-skew', 'version'] as const;
export type RefusalCode = (typeof refusalCodes)[number];

const bytesOf = (length: number) =>
  z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === length);
const Key = z.string().regex(/^A[A-Z2-7]{55}$/);
const Time = z.int().nonnegative();

const offer = {
  v: z.literal(VERSION),
  from: Key,
  to: Key,
  /** X25519 public key, fresh for this message. */
  eph: bytesOf(32),
  nonce: bytesOf(32),
  /** The sender's clock, milliseconds since 1970. */
  ts: Time,
  /** Display name, untrusted. */
  name: z.string().max(MAX_NAME_LENGTH),
  /** What the sender can do beyond version 1; unknown ones are ignored. */
  caps: z.array(z.string().max(32)).max(16),
  sig: bytesOf(64),
};

const DialSchema = z.strictObject({
  ...offer,
  invite: z.strictObject({ id: bytesOf(16), proof: bytesOf(32) }).optional(),
});
const AckSchema = z.strictObject(offer);
const RefusalSchema = z.strictObject({
  v: z.literal(VERSION),
  from: Key,
  to: Key,
  ts: Time,
  refusal: z.enum(refusalCodes),
  sig: bytesOf(64),
});
/** What a dial of any version has. */
const AnyDialSchema = z.looseObject({ v: z.int().nonnegative(), from: Key, to: Key });
const AnswerSchema = z.union([AckSchema, RefusalSchema]);

export type Dial = z.infer<typeof DialSchema>;
export type Ack = z.infer<typeof AckSchema>;
export type Refusal = z.infer<typeof RefusalSchema>;
type Unsigned<Message> = Message extends unknown ? Omit<Message, 'sig'> : never;

function unsignedBytes({ sig: _sig, ...rest }: Dial | Ack | Refusal): Uint8Array {
  return encodeCbor(rest);
}

/** SHA-256 over the dial as it was sent and the answer without its signature. Both are CBOR items, so no length is needed between. */
function transcriptHash(dial: Uint8Array, unsignedAnswer: Uint8Array): Uint8Array {
  return createHash('sha256').update(dial).update(unsignedAnswer).digest();
}

export function encodeDial(fields: Unsigned<Dial>, signer: Signer): Uint8Array {
  const sig = new Uint8Array(signer.sign(DIAL_DOMAIN, encodeCbor(fields)));
  return encodeCbor({ ...fields, sig });
}

export type DecodedDial =
  | { readonly kind: 'dial'; readonly dial: Dial }
  /** A dial of a version this peer does not speak; nothing of it was verified. */
  | { readonly kind: 'other-version'; readonly from: string; readonly to: string }
  | { readonly kind: 'malformed' };

/** Parses a dial; its signature is not checked yet (`verifyDial`). Never throws. */
export function decodeDial(bytes: Uint8Array): DecodedDial {
  let value: unknown;
  try {
    value = decodeCanonical(bytes, MAX_MESSAGE_BYTES);
  } catch {
    // Whatever else may arrive at a public address is no dial.
    return { kind: 'malformed' };
  }
  const parsed = DialSchema.safeParse(value);
  if (parsed.success) return { kind: 'dial', dial: parsed.data };
  const other = AnyDialSchema.safeParse(value);
  if (!other.success || other.data.v === VERSION) return { kind: 'malformed' };
  return { kind: 'other-version', from: other.data.from, to: other.data.to };
}

export function verifyDial(dial: Dial): boolean {
  return verifySignature(dial.from, DIAL_DOMAIN, unsignedBytes(dial), dial.sig);
}

/** What an invite's proof is an HMAC of: this very dial, less the proof itself and the signature. */
export function inviteMessage(dial: Omit<Dial, 'sig' | 'invite'>): Uint8Array {
  const { v, from, to, eph, nonce, ts, name, caps } = dial;
  const body = encodeCbor({ v, from, to, eph, nonce, ts, name, caps });
  return Buffer.concat([Buffer.from(`${INVITE_DOMAIN}\0`), body]);
}

/** @param dial the bytes of the dial that is answered */
export function encodeAnswer(
  fields: Unsigned<Ack> | Unsigned<Refusal>,
  dial: Uint8Array,
  signer: Signer,
): Uint8Array {
  const domain = 'refusal' in fields ? REFUSAL_DOMAIN : ACK_DOMAIN;
  const sig = new Uint8Array(signer.sign(domain, transcriptHash(dial, encodeCbor(fields))));
  return encodeCbor({ ...fields, sig });
}

/** The answer, when it is well formed and `from` signed it over this very dial; undefined for all else. */
export function decodeAnswer(
  bytes: Uint8Array,
  dial: Uint8Array,
  from: string,
  to: string,
): Ack | Refusal | undefined {
  let value: unknown;
  try {
    value = decodeCanonical(bytes, MAX_MESSAGE_BYTES);
  } catch {
    // Anybody may send bytes to a dialler; only a signed answer counts.
    return undefined;
  }
  const parsed = AnswerSchema.safeParse(value);
  if (!parsed.success) return undefined;
  const answer = parsed.data;
  if (answer.from !== from || answer.to !== to) return undefined;
  const domain = 'refusal' in answer ? REFUSAL_DOMAIN : ACK_DOMAIN;
  const hash = transcriptHash(dial, unsignedBytes(answer));
  return verifySignature(from, domain, hash, answer.sig) ? answer : undefined;
}
