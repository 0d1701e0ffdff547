/** Addresses of local programs as people write them: a port, `host:port`, `[v6]:port`, `unix:/path`. */
import { BlockList, isIP } from 'node:net';
import { isAbsolute, normalize } from 'node:path';

export type Address =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

const LOOPBACK_HOST = '127.0.0.1';
/** `sun_path` has 104 bytes on macOS and 108 on Linux, with the NUL at the end. */
export const MAX_SOCKET_PATH_BYTES = 103;
/** RFC 1123 names, with the underscore that some networks have in theirs. */
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*\.?$/i;

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Undefined for what is no address. Names of hosts are not looked up; `localhost` becomes 127.0.0.1. */
export function parseAddress(text: string): Address | undefined {
  if (text.startsWith('unix:')) return socketOf(text.slice('unix:'.length));
  const parts = /^(?:\[([0-9a-f:.]+)\]:|([^:[\]]*):)?(\d{1,5})$/i.exec(text);
  if (parts === null) return undefined;
  const [, v6, name, digits = ''] = parts;
  const port = Number(digits);
  const host = v6 ?? name ?? LOOPBACK_HOST;
  const isKnown = v6 === undefined ? HOST_NAME.test(host) : isIP(host) === 6;
  if (port > 65_535 || !isKnown) return undefined;
  // The name may stand for two addresses, and a program usually listens on this one.
  return { kind: 'tcp', host: host === 'localhost' ? LOOPBACK_HOST : host.toLowerCase(), port };
}

function socketOf(path: string): Address | undefined {
  // Node takes paths for named pipes there.
  const isUsable = process.platform !== 'win32' && isAbsolute(path) && !path.includes('\0');
  if (!isUsable || Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) return undefined;
  return { kind: 'unix', path: normalize(path) };
}

/** As `parseAddress` reads it. */
export function formatAddress(address: Address): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  const { host, port } = address;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Whether only this machine can connect to it. */
export function isLocal(address: Address): boolean {
  if (address.kind === 'unix') return true;
  const family = isIP(address.host);
  return family !== 0 && loopback.check(address.host, family === 4 ? 'ipv4' : 'ipv6');
}

/** For `connect` and `listen` of node:net. */
export function netOptions(
  address: Address,
): { readonly host: string; readonly port: number } | { readonly path: string } {
  return address.kind === 'unix'
    ? { path: address.path }
    : { host: address.host, port: address.port };
}
