/** Ways to reach a peer: what is a valid one, as text for people, and back. */
import { isIP, isIPv6 } from 'node:net';
import { z } from 'zod';
import { IdentityError } from './errors.ts';
import type { LastingWay, Way } from './types.ts';

/** Ways kept for one contact, and carried by one invite. */
export const MAX_WAYS = 16;
export const DEFAULT_PREFIX = 'skerry';

/** RFC 1123 labels; an address is checked apart. */
const HOSTNAME =
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;
const PREFIX = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;
const SCHEMES = ['nats:', 'tls:', 'ws:', 'wss:'];

const Host = z.string().max(253).refine(isHost);
export const WaySchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('udp'), host: Host, port: z.number().int().min(1).max(65_535) }),
  z.strictObject({
    kind: z.literal('nats'),
    /** A URL without user name or password: those are the business of whoever connects. */
    server: z.string().max(512).refine(isServer),
    prefix: z.string().max(64).regex(PREFIX),
  }),
]);

/** Those of the ways that are valid, without duplicates, at most 16, in their order. */
export function validWays(ways: readonly unknown[]): LastingWay[] {
  const byText = new Map<string, LastingWay>();
  for (const candidate of ways) {
    const parsed = WaySchema.safeParse(candidate);
    if (!parsed.success) continue;
    const text = formatWay(parsed.data).toLowerCase();
    if (!byText.has(text)) byText.set(text, parsed.data);
    if (byText.size === MAX_WAYS) break;
  }
  return [...byText.values()];
}

/** For people: `udp 192.0.2.1:4711`, `nats nats://host:4222 skerry`, `relay A…`. */
export function formatWay(way: Way): string {
  if (way.kind === 'relay') return `relay ${way.via}`;
  if (way.kind === 'nats') return `nats ${way.server} ${way.prefix}`;
  return `udp ${way.host.includes(':') ? `[${way.host}]` : way.host}:${way.port}`;
}

/**
 * What `formatWay` writes, or less: `host:port`, `[2001:db8::1]:4711`, `nats://host:4222` (prefix `skerry`).
 * Throws IdentityError `way-malformed`.
 */
export function parseWay(text: string): LastingWay {
  const words = text.trim().split(/\s+/, 4);
  const [first = ''] = words;
  if (first === 'udp' || first === 'nats') words.shift();
  const [target = '', prefix = DEFAULT_PREFIX, ...rest] = words;
  const candidate = target.includes('://')
    ? { kind: 'nats', server: target, prefix }
    : { kind: 'udp', ...splitHostPort(target) };
  const parsed = WaySchema.safeParse(candidate);
  const kindFits = first === target || first === candidate.kind;
  const wordsFit = rest.length === 0 && (candidate.kind === 'nats' || words.length === 1);
  if (parsed.success && kindFits && wordsFit) return parsed.data;
  throw new IdentityError('way-malformed', `"${text.slice(0, 200)}" is no way to reach a peer.`);
}

/** A server URL without user name and password. */
export function withoutCredentials(server: string): string {
  const url = URL.parse(server);
  if (url === null || (url.username === '' && url.password === '')) return server;
  url.username = '';
  url.password = '';
  return url.href;
}

function splitHostPort(text: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const [, bracketed, plain = '', port = ''] = match;
  if (bracketed !== undefined && !isIPv6(bracketed)) return undefined;
  return { host: bracketed ?? plain, port: Number(port) };
}

function isHost(host: string): boolean {
  // A zone ("%eth0") means something on one machine only.
  if (isIP(host) !== 0) return !host.includes('%');
  // All digits and dots, but no address: a mistyped one, not a name.
  return HOSTNAME.test(host) && !/^[\d.]+$/.test(host);
}

function isServer(server: string): boolean {
  if (/\s/.test(server)) return false;
  const url = URL.parse(server);
  if (url === null || url.hostname === '' || !SCHEMES.includes(url.protocol)) return false;
  return url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}
