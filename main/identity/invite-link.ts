/**
 * Invites as links: `skerry://invite/` and base64url of the CBOR array
 * `[1, key 32 bytes, id 16 bytes, secret 32 bytes, expiry in seconds since 1970, name, [way, …]]`.
 */
import { z } from 'zod';
import { decodeCbor, encodeCbor } from '../base/cbor.ts';
import { cleanName } from '../base/display-name.ts';
import { decodeNKey, encodeNKey, isPeerKey } from '../base/nkey.ts';
import { CompactWay, packWay, unpackWay } from './compact-way.ts';
import { IdentityError } from './errors.ts';
import type { Invite, Way } from './types.ts';
import { MAX_WAYS, validWays, withoutCredentials } from './way.ts';

const LINK_START = 'skerry://invite/';
const VERSION = 1;
/** The longest link that is looked at, characters. */
const MAX_LINK_LENGTH = 4_096;

const bytes = (length: number) =>
  z.instanceof(Uint8Array).refine((value) => value.byteLength === length);
const Payload = z.tuple([
  z.literal(VERSION),
  bytes(32),
  bytes(16),
  bytes(32),
  z.number().int().min(0).max(8_640_000_000_000),
  z.string().max(256),
  z.array(CompactWay).max(MAX_WAYS),
]);

/**
 * The link of an invite. Seconds of the expiry are kept, milliseconds are not. User names and passwords of
 * NATS servers never go in; of ways that would make it longer than 4 KiB the last ones are left out.
 */
export function formatInvite(invite: Invite): string {
  const key = decodeNKey('account', invite.key);
  if (key === undefined) throw new TypeError('an invite is of a peer key');
  const ways = validWays(invite.ways.map(withoutSecrets));
  for (;;) {
    const payload = [
      VERSION,
      key,
      invite.id,
      invite.secret,
      Math.floor(invite.expiresAt / 1_000),
      cleanName(invite.name),
      ways.map(packWay),
    ];
    const link = LINK_START + Buffer.from(encodeCbor(payload)).toString('base64url');
    if (link.length <= MAX_LINK_LENGTH) return link;
    ways.pop();
  }
}

/** Whether a text means to be an invite, so that its errors are worth telling. */
export function looksLikeInvite(text: string): boolean {
  return /^\s*skerry:/i.test(text);
}

/**
 * What an invite link says; spaces and line breaks anywhere in it are ignored. Whether it has expired, or
 * is this peer's own, is for the caller to see. Ways of kinds that this version does not know are left out.
 *
 * @throws IdentityError `invite-malformed`, `invite-newer`
 */
export function parseInvite(text: string): Invite {
  const malformed = (why: string, cause?: unknown) =>
    new IdentityError('invite-malformed', `This is no invite link: ${why}.`, { cause });

  if (text.length > 2 * MAX_LINK_LENGTH) throw malformed('it is too long');
  const link = text.replace(/\s+/g, '');
  if (link.length > MAX_LINK_LENGTH) throw malformed('it is too long');
  if (link.slice(0, LINK_START.length).toLowerCase() !== LINK_START) {
    throw malformed(`it does not start with ${LINK_START}`);
  }
  const encoded = link.slice(LINK_START.length);
  if (!/^[\w-]+$/.test(encoded)) throw malformed('it holds characters that no link has');

  let decoded: unknown;
  try {
    decoded = decodeCbor(Buffer.from(encoded, 'base64url'), MAX_LINK_LENGTH);
  } catch (error) {
    throw malformed('a part of it is missing or mistyped', error);
  }
  const version: unknown = Array.isArray(decoded) ? decoded[0] : undefined;
  if (typeof version === 'number' && version > VERSION) {
    throw new IdentityError('invite-newer', `The invite has version ${version}.`);
  }
  const parsed = Payload.safeParse(decoded);
  if (!parsed.success) throw malformed('what it holds is no invite', parsed.error);
  const [, rawKey, id, secret, expirySeconds, rawName, ways] = parsed.data;
  const key = encodeNKey('account', rawKey);
  if (!isPeerKey(key)) throw malformed('its key is nobody’s');
  return {
    key,
    name: cleanName(rawName) || key.slice(0, 8),
    id,
    secret,
    expiresAt: expirySeconds * 1_000,
    ways: validWays(ways.map(unpackWay)),
  };
}

function withoutSecrets(way: Way): Way {
  return way.kind === 'nats' ? { ...way, server: withoutCredentials(way.server) } : way;
}
