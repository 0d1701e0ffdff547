/** Where this machine sends what leaves its network: systems tell it in different ways, and Node does not. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { BlockList, isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';

/** More default routes than this are those of VPNs. */
const MOST = 2;
const PATIENCE_MS = 2_000;

/** IPv4 addresses of the default routers, the preferred one first; none when the system does not say. */
export async function defaultRouters(): Promise<string[]> {
  if (process.platform === 'linux') {
    return routersOfProc(await readFile('/proc/net/route', 'latin1'));
  }
  const options = { timeout: PATIENCE_MS, windowsHide: true };
  const { stdout } = await promisify(execFile)('netstat', ['-rn'], options);
  return routersOfNetstat(stdout);
}

/** @param text `/proc/net/route`: addresses are hexadecimal in the machine's byte order, little-endian wherever we run */
export function routersOfProc(text: string): string[] {
  const rows = text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, to, router = '', , , , , mask]) => {
      return to === '00000000' && mask === '00000000' && /^[0-9A-F]{8}$/i.test(router);
    })
    .toSorted((a, b) => Number(a[6]) - Number(b[6]));
  const addresses = rows.map(([, , router = '']) =>
    [...Buffer.from(router, 'hex').reverse()].join('.'),
  );
  return firstOf(addresses);
}

/** @param text what `netstat -rn` says on macOS, BSD (`default 192.168.1.1 …`) and Windows (`0.0.0.0 0.0.0.0 192.168.1.1 …`) */
export function routersOfNetstat(text: string): string[] {
  const rows = text.matchAll(/^\s*(?:default|0\.0\.0\.0\s+0\.0\.0\.0)\s+([0-9.]+)\s/gm);
  return firstOf([...rows].flatMap(([, router]) => router ?? []));
}

/** This machine's IPv4 address on the network where `neighbour` is; undefined when it is on none of ours. */
export function ownAddressBeside(neighbour: string): string | undefined {
  if (!isIPv4(neighbour)) return undefined;
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal, address, cidr }) => {
      if (family !== 'IPv4' || internal || cidr === null) return false;
      const network = new BlockList();
      network.addSubnet(address, Number(cidr.split('/')[1]), 'ipv4');
      return network.check(neighbour, 'ipv4');
    })?.address;
}

function firstOf(addresses: readonly string[]): string[] {
  const found = addresses.filter((address) => isIPv4(address) && address !== '0.0.0.0');
  return [...new Set(found)].slice(0, MOST);
}
