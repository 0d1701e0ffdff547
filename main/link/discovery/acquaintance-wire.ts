/** The messages of an acquaintance (docs/discovery.md): their shapes, bytes and signatures. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { encodeCbor } from '../../base/cbor.ts';
import { verifySignature } from '../../base/signature.ts';
import type { PeerKey, Signer } from '../../identity/types.ts';
import { decodeCanonical } from '../session/cbor.ts';

/** In front of the CBOR: no beacon begins like this. */
export const ACQUAINTANCE_BYTE = 1;
const DOMAIN = 'skerry acquaint 1';
const COMMIT_DOMAIN = 'skerry acquaint commit 1';
const MAX_BYTES = 500;

const bytesOf = (length: number) =>
  z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === length);
const Key = z.string().regex(/^A[A-Z2-7]{55}$/);
const MessageSchema = z.strictObject({
  v: z.literal(1),
  /** In this order: of the asker, of the asked, of the asker, of the asked. */
  kind: z.enum(['commit', 'nonce', 'reveal', 'done']),
  from: Key,
  to: Key,
  /** Random, the asker's choice, names the acquaintance. */
  id: bytesOf(16),
  /** The commitment, the asked's nonce, the asker's nonce, the commitment again. */
  data: bytesOf(32),
  /** The sender's clock, milliseconds since 1970. */
  ts: z.int().nonnegative(),
  sig: bytesOf(64),
});
export type AcquaintanceMessage = z.infer<typeof MessageSchema>;

export function encodeAcquaintance(
  fields: Omit<AcquaintanceMessage, 'v' | 'sig' | 'from'>,
  signer: Signer,
): Uint8Array {
  const body = { v: 1, ...fields, from: signer.key };
  const sig = new Uint8Array(signer.sign(DOMAIN, encodeCbor(body)));
  return Buffer.concat([Buffer.of(ACQUAINTANCE_BYTE), encodeCbor({ ...body, sig })]);
}

/** Parses a message; its signature is not checked yet. Undefined for anything else; never throws. */
export function decodeAcquaintance(bytes: Uint8Array): AcquaintanceMessage | undefined {
  if (bytes[0] !== ACQUAINTANCE_BYTE) return undefined;
  try {
    return MessageSchema.parse(decodeCanonical(bytes.subarray(1), MAX_BYTES));
  } catch {
    // Anybody may send anything to this port.
    return undefined;
  }
}

export function isSignedAcquaintance({ sig, ...body }: AcquaintanceMessage): boolean {
  return verifySignature(body.from, DOMAIN, encodeCbor(body), sig);
}

/** What binds the asker to its nonce (32 bytes) before the asked has said its own. */
export function commitment(
  asker: PeerKey,
  asked: PeerKey,
  id: Uint8Array,
  nonce: Uint8Array,
): Uint8Array {
  const hash = createHash('sha256').update(`${COMMIT_DOMAIN}\0${asker}${asked}`);
  return new Uint8Array(hash.update(id).update(nonce).digest());
}
