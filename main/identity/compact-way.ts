/**
 * Ways in few bytes, for invite links and their QR codes. In CBOR:
 *
 *     udp by IPv4       6 bytes: address, port (big endian)
 *     udp by IPv6      18 bytes: address, port
 *     udp by name      [name, port]
 *     nats             server, when the prefix is "skerry", else [server, prefix]; "nats://" is left out
 */
import { isIPv4, isIPv6 } from 'node:net';
import { z } from 'zod';
import type { LastingWay } from './types.ts';
import { DEFAULT_PREFIX, WaySchema } from './way.ts';

const NATS_SCHEME = 'nats://';

export const CompactWay = z.union([
  z.instanceof(Uint8Array),
  z.string(),
  z.tuple([z.string(), z.number()]),
  z.tuple([z.string(), z.string()]),
]);
export type CompactWay = z.infer<typeof CompactWay>;

export function packWay(way: LastingWay): CompactWay {
  if (way.kind === 'nats') {
    const server = way.server.startsWith(NATS_SCHEME)
      ? way.server.slice(NATS_SCHEME.length)
      : way.server;
    return way.prefix === DEFAULT_PREFIX ? server : [server, way.prefix];
  }
  const port = [way.port >> 8, way.port & 0xff];
  if (isIPv4(way.host)) return Uint8Array.from([...way.host.split('.').map(Number), ...port]);
  if (isIPv6(way.host)) return Uint8Array.from([...ipv6Bytes(way.host), ...port]);
  return [way.host, way.port];
}

/** Undefined for what is no valid way. IPv6 addresses come back in their canonical text (RFC 5952). */
export function unpackWay(packed: CompactWay): LastingWay | undefined {
  const parsed = WaySchema.safeParse(candidateOf(packed));
  return parsed.success ? parsed.data : undefined;
}

function candidateOf(packed: CompactWay): unknown {
  if (packed instanceof Uint8Array) {
    const address = packed.subarray(0, -2);
    const port = ((packed.at(-2) ?? 0) << 8) | (packed.at(-1) ?? 0);
    if (address.length === 4) return { kind: 'udp', host: address.join('.'), port };
    if (address.length === 16) return { kind: 'udp', host: ipv6Text(address), port };
    return undefined;
  }
  if (typeof packed === 'string') return natsWay(packed, DEFAULT_PREFIX);
  const [target, second] = packed;
  if (typeof second === 'number') return { kind: 'udp', host: target, port: second };
  return natsWay(target, second);
}

function natsWay(server: string, prefix: string): unknown {
  return {
    kind: 'nats',
    server: server.includes('://') ? server : `${NATS_SCHEME}${server}`,
    prefix,
  };
}

/** URL's host parser writes any IPv6 text in canonical form; what remains is one "::" and hex groups. */
function canonicalIpv6(host: string): string {
  return new URL(`http://[${host}]`).hostname.slice(1, -1);
}

function ipv6Bytes(host: string): number[] {
  const [head = '', tail] = canonicalIpv6(host).split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...zeros, ...right].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function ipv6Text(address: Uint8Array): string {
  const hex = Buffer.from(address).toString('hex');
  return canonicalIpv6((hex.match(/.{4}/g) ?? []).join(':'));
}
