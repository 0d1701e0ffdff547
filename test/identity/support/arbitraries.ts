import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { cleanName } from '../../../main/base/display-name.ts';
import { decodeNKey, encodeNKey } from '../../../main/base/nkey.ts';
import type { Invite, LastingWay } from '../../../main/identity/types.ts';

const port = fc.integer({ min: 1, max: 65_535 });
const hostname = fc.stringMatching(/^[a-z][a-z0-9]{0,20}(\.[a-z][a-z0-9-]{0,20}[a-z])?$/);
/** In the canonical text that comes out of an invite again. */
const ipv6 = fc.ipV6().map((text) => new URL(`http://[${text}]`).hostname.slice(1, -1));
const server = fc
  .tuple(fc.constantFrom('nats', 'tls', 'ws', 'wss'), hostname, fc.option(port))
  .map(([scheme, host, at]) => `${scheme}://${host}${at === null ? '' : `:${at}`}`);

export const anyWay: fc.Arbitrary<LastingWay> = fc.oneof(
  fc.record({ kind: fc.constant('udp' as const), host: fc.oneof(fc.ipV4(), ipv6, hostname), port }),
  fc.record({
    kind: fc.constant('nats' as const),
    server,
    prefix: fc.oneof(fc.constant('skerry'), fc.stringMatching(/^[\w-]{1,20}(\.[\w-]{1,20}){0,2}$/)),
  }),
);

/** A well-formed peer key that nobody has the seed of; far cheaper than a key pair. */
export function randomPeerKey(): string {
  return encodeNKey('account', randomBytes(32));
}

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

const anyPeerKey = bytes(32)
  .map((raw) => encodeNKey('account', raw))
  .filter((key) => decodeNKey('account', key) !== undefined);

const anyName = fc
  .string({
    unit: fc.constantFrom('a', 'é', ' ', '愛', '👩', '-', '7'),
    minLength: 1,
    maxLength: 80,
  })
  .map(cleanName)
  .filter((name) => name !== '');

export const anyInvite: fc.Arbitrary<Invite> = fc.record({
  key: anyPeerKey,
  name: anyName,
  id: bytes(16),
  secret: bytes(32),
  expiresAt: fc.integer({ min: 0, max: 8_640_000_000_000 }).map((seconds) => seconds * 1_000),
  ways: fc.uniqueArray(anyWay, {
    maxLength: 16,
    selector: (way) => JSON.stringify(way).toLowerCase(),
  }),
});
