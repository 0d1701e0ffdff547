import { BlockList, isIP, isIPv4 } from 'node:net';

/** An IP network in CIDR notation. */
export function isSource(text: string): boolean {
  return parse(text) !== undefined;
}

/**
 * Whether a client may come from `host`. Without a list everybody may; without an address nobody who has one.
 *
 * @param host IP address, empty for what has none (pipes, links)
 */
export function isFromSource(sources: readonly string[] | undefined, host: string): boolean {
  if (sources === undefined || sources.length === 0) return true;
  const address = host.replace(/^::ffff:(?=\d+\.)/i, '');
  if (isIP(address) === 0) return false;
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  const allowed = new BlockList();
  for (const source of sources) {
    const network = parse(source);
    if (network === undefined) return false;
    // Node would find IPv4 addresses in `::/0` too.
    if (isIPv4(network.address) === isIPv4(address))
      allowed.addSubnet(network.address, network.bits, family);
  }
  return allowed.check(address, family);
}

function parse(text: string): { address: string; bits: number } | undefined {
  const [, address = '', bits = ''] = /^([0-9A-Fa-f:.]+)\/(\d{1,3})$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0 || Number(bits) > (version === 4 ? 32 : 128)) return undefined;
  return { address, bits: Number(bits) };
}
