/**
 * Beacons: what a peer says to its local network about itself (docs/discovery.md). Bytes in, bytes out.
 *
 * An open beacon names its key and is signed. A veiled one names nobody: it holds one mark for each contact,
 * which that contact alone can tell from noise.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { z } from 'zod';
import { encodeCbor } from '../../base/cbor.ts';
import { cleanName, MAX_NAME_LENGTH } from '../../base/display-name.ts';
import { verifySignature } from '../../base/signature.ts';
import type { PeerKey, Signer } from '../../identity/types.ts';
import { decodeCanonical } from '../session/cbor.ts';

const VERSION = 1;
const DOMAIN = 'skerry beacon 1';
const MARK_DOMAIN = 'skerry beacon mark 1';
export const MAX_BEACON_BYTES = 1000;
export const MAX_ADDRESSES = 6;
export const MARK_BYTES = 16;
/** Marks come in eights, noise among them, so that nobody can count contacts. */
export const MARK_STEP = 8;
/** As many as fit beside all the rest. */
export const MAX_MARKS = 40;
const NONCE_BYTES = 16;

const bytesOf = (length: number) =>
  z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === length);
const Port = z.int().min(1).max(65_535);

const facts = {
  v: z.literal(VERSION),
  /** Where the peer takes dials (UDP), at the address that the beacon comes from and at those in `at`. */
  port: Port,
  /** Where it takes messages of discovery, at the address that the beacon comes from; 0: nowhere. */
  back: z.int().min(0).max(65_535),
  /** Its other addresses on this network. */
  at: z.array(z.string().max(45).refine(isLiteral)).max(MAX_ADDRESSES),
  nonce: bytesOf(NONCE_BYTES),
  /** The sender's clock, milliseconds since 1970. */
  ts: z.int().nonnegative(),
  /** It has just come, and wants to hear who is here. */
  ask: z.literal(true).optional(),
  /** It is leaving. */
  bye: z.literal(true).optional(),
};
const OpenSchema = z.strictObject({
  ...facts,
  key: z.string().regex(/^A[A-Z2-7]{55}$/),
  name: z.string().max(MAX_NAME_LENGTH).optional(),
  sig: bytesOf(64),
});
const VeiledSchema = z.strictObject({
  ...facts,
  marks: z.custom<Uint8Array>(
    (value) =>
      value instanceof Uint8Array &&
      value.length > 0 &&
      value.length <= MAX_MARKS * MARK_BYTES &&
      value.length % (MARK_STEP * MARK_BYTES) === 0,
  ),
});
const BeaconSchema = z.union([OpenSchema, VeiledSchema]);

export type OpenBeacon = z.infer<typeof OpenSchema>;
export type VeiledBeacon = z.infer<typeof VeiledSchema>;

/** What the sender says besides who it is. */
export interface BeaconFacts {
  readonly port: number;
  readonly back: number;
  readonly at: readonly string[];
  /** Milliseconds since 1970. */
  readonly ts: number;
  readonly ask?: boolean;
  readonly bye?: boolean;
}

/** Whom a veiled beacon is for, with the key that both share. */
export interface Addressee {
  readonly pairKey: Uint8Array;
}

export function encodeOpen(options: BeaconFacts & { name?: string }, signer: Signer): Uint8Array {
  const name = cleanName(options.name ?? '');
  const body = { ...factsOf(options), key: signer.key, ...(name !== '' && { name }) };
  const sig = new Uint8Array(signer.sign(DOMAIN, encodeCbor(body)));
  return encodeCbor({ ...body, sig });
}

/** @param addressees at most `MAX_MARKS` */
export function encodeVeiled(
  options: BeaconFacts,
  from: PeerKey,
  addressees: readonly Addressee[],
): Uint8Array {
  const body = factsOf(options);
  const message = markMessage(from, body);
  const count = Math.max(MARK_STEP, Math.ceil(addressees.length / MARK_STEP) * MARK_STEP);
  const marks = randomBytes(count * MARK_BYTES);
  // The order of marks is that of their bytes: it tells nothing.
  addressees
    .map(({ pairKey }) => mark(pairKey, message))
    .concat(
      Array.from({ length: count - addressees.length }, (_, index) =>
        Buffer.from(marks.subarray(index * MARK_BYTES, (index + 1) * MARK_BYTES)),
      ),
    )
    .sort((a, b) => a.compare(b))
    .forEach((one, index) => one.copy(marks, index * MARK_BYTES));
  return encodeCbor({ ...body, marks: new Uint8Array(marks) });
}

/** Parses a beacon; who sent it is not proven yet. Undefined for anything else; never throws. */
export function decodeBeacon(bytes: Uint8Array): OpenBeacon | VeiledBeacon | undefined {
  try {
    return BeaconSchema.parse(decodeCanonical(bytes, MAX_BEACON_BYTES));
  } catch {
    // Anybody may send anything to a multicast group.
    return undefined;
  }
}

/** One signature is checked. */
export function isSigned(beacon: OpenBeacon): boolean {
  const { sig, ...body } = beacon;
  return verifySignature(beacon.key, DOMAIN, encodeCbor(body), sig);
}

/**
 * Finds the sender of a veiled beacon among those who share a key with this peer. One HMAC for each.
 *
 * @returns undefined when it is for others
 */
export function unveil<Candidate extends { key: PeerKey; pairKey: Uint8Array }>(
  beacon: VeiledBeacon,
  candidates: Iterable<Candidate>,
): Candidate | undefined {
  const { marks, ...body } = beacon;
  const found = Buffer.from(marks);
  const encoded = encodeCbor(body);
  for (const candidate of candidates) {
    const expected = mark(candidate.pairKey, prefixed(candidate.key, encoded));
    for (let at = 0; at < found.length; at += MARK_BYTES) {
      if (timingSafeEqual(expected, found.subarray(at, at + MARK_BYTES))) return candidate;
    }
  }
  return undefined;
}

function factsOf({ port, back, at, ts, ask, bye }: BeaconFacts) {
  return {
    v: VERSION,
    port,
    back,
    at: at.slice(0, MAX_ADDRESSES),
    nonce: new Uint8Array(randomBytes(NONCE_BYTES)),
    ts,
    ...(ask === true && { ask: true }),
    ...(bye === true && { bye: true }),
  };
}

function markMessage(from: PeerKey, body: object): Uint8Array {
  return prefixed(from, encodeCbor(body));
}

/** The sender's key is part of it: a beacon thrown back at its sender is nobody's. */
function prefixed(from: PeerKey, body: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${MARK_DOMAIN}\0${from}`, 'latin1'), body]);
}

function mark(pairKey: Uint8Array, message: Uint8Array): Buffer {
  return createHmac('sha256', pairKey).update(message).digest().subarray(0, MARK_BYTES);
}

/** An address without a zone, which means something on one machine only. */
function isLiteral(host: string): boolean {
  return isIP(host) !== 0 && !host.includes('%');
}
