import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Where no peer can be: "this network", multicast, broadcast. */
const NOWHERE = new BlockList();
NOWHERE.addSubnet('0.0.0.0', 8, 'ipv4');
NOWHERE.addSubnet('224.0.0.0', 3, 'ipv4');
NOWHERE.addAddress('::', 'ipv6');
NOWHERE.addSubnet('ff00::', 8, 'ipv6');

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** 4 or 6 for an IP literal that a datagram can be sent to, else undefined. */
export function familyOf(host: string): 4 | 6 | undefined {
  const family = isIP(host);
  if (family !== 4 && family !== 6) return undefined;
  return NOWHERE.check(host, nameOf(family)) ? undefined : family;
}

/** Whether datagrams to this address stay on this machine. */
export function isOwnAddress(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return false;
  return isLoopback(host) || interfaceAddresses().includes(host);
}

/** Networks of a house or an office (RFC 1918, RFC 3927, RFC 4193, RFC 4291 section 2.5.6). */
const NEAR = new BlockList();
NEAR.addSubnet('10.0.0.0', 8, 'ipv4');
NEAR.addSubnet('172.16.0.0', 12, 'ipv4');
NEAR.addSubnet('192.168.0.0', 16, 'ipv4');
NEAR.addSubnet('169.254.0.0', 16, 'ipv4');
NEAR.addSubnet('fc00::', 7, 'ipv6');
NEAR.addSubnet('fe80::', 10, 'ipv6');

/** Whether an address is of this machine, or of a private network. */
export function isNearAddress(host: string): boolean {
  const family = isIP(host);
  return family !== 0 && (NEAR.check(host, nameOf(family)) || isOwnAddress(host));
}

/** Addresses of providers, behind a NAT of theirs (RFC 6598). */
const SHARED = new BlockList();
SHARED.addSubnet('100.64.0.0', 10, 'ipv4');

/** Whether anybody on the internet can send to this address, as far as it tells. */
export function isPublicAddress(host: string): boolean {
  const family = familyOf(host);
  if (family === undefined || SHARED.check(host, nameOf(family))) return false;
  return !NEAR.check(host, nameOf(family)) && !isLoopback(host);
}

export function isLoopback(host: string): boolean {
  const family = isIP(host);
  return family !== 0 && LOOPBACK.check(host, nameOf(family));
}

/** Addresses by which others may reach this machine: no loopback, no link-local IPv6. */
export function outsideAddresses(): string[] {
  return interfaceAddresses().filter((host) => !isLoopback(host));
}

/** The part of an address that one party holds alone: IPv4 whole, the /64 of IPv6. */
export function holderOf(host: string): string {
  if (isIP(host) !== 6) return host;
  const [head = '', tail] = host.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  if (tail === undefined) return groups.slice(0, 4).join(':');
  const after = tail.split(':').filter((group) => group !== '');
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - after.length) }, () => '0');
  return [...groups, ...zeros, ...after].slice(0, 4).join(':');
}

export function formatAddress(host: string, port: number): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

function interfaceAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .map(({ address }) => address)
    .filter((address) => !address.toLowerCase().startsWith('fe80:'));
}

function nameOf(family: number): 'ipv4' | 'ipv6' {
  return family === 6 ? 'ipv6' : 'ipv4';
}
