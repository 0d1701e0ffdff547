import { BlockList } from 'node:net';
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os';

/** One network that this machine is in, by one address family. */
export interface Network {
  readonly name: string;
  readonly family: 4 | 6;
  /** By which others in this network reach the machine; IPv6 link-local ones are not among them. */
  readonly addresses: readonly string[];
  /** Those addresses with the lengths of their prefixes: `192.0.2.2/24`. */
  readonly subnets: readonly string[];
  /** How multicast names the interface: an IPv4 address, or `::%` and the zone. */
  readonly handle: string;
}

/** More networks than any desktop has; a machine full of virtual ones is not searched through all of them. */
const MAX_NETWORKS = 16;

/**
 * The networks that others may be in: every interface but loopback.
 *
 * @param internal loopback and nothing else, for tests
 */
export function listNetworks(internal = false): Network[] {
  const networks: Network[] = [];
  for (const [name, all = []] of Object.entries(networkInterfaces())) {
    const own = all.filter((one) => one.internal === internal);
    const v4 = own.filter((one) => one.family === 'IPv4');
    const [first] = v4;
    if (first !== undefined) {
      networks.push({ name, family: 4, ...addressesOf(v4), handle: first.address });
    }
    const v6 = own.filter((one) => one.family === 'IPv6');
    const linkLocal = v6.find(({ address }) => isLinkLocal(address));
    // Without a link-local address (loopback, some tunnels) there is no multicast.
    if (linkLocal === undefined) continue;
    const zone = process.platform === 'win32' ? String(linkLocal.scopeid) : name;
    networks.push({
      name,
      family: 6,
      ...addressesOf(v6.filter(({ address }) => !isLinkLocal(address))),
      handle: `::%${zone}`,
    });
  }
  return networks.slice(0, MAX_NETWORKS);
}

/** Two lists of networks with the same text are the same networks. */
export function networksText(networks: readonly Network[]): string {
  return JSON.stringify(networks);
}

/** Whether an address (without zone) is in this network. */
export function isWithin({ subnets, family }: Network, host: string): boolean {
  const list = new BlockList();
  const name = family === 4 ? 'ipv4' : 'ipv6';
  for (const subnet of subnets) {
    const [address = '', prefix] = subnet.split('/');
    list.addSubnet(address, Number(prefix), name);
  }
  return list.check(host, name);
}

function addressesOf(own: readonly NetworkInterfaceInfo[]) {
  return {
    addresses: own.map(({ address }) => address),
    subnets: own.flatMap(({ cidr }) => cidr ?? []),
  };
}

function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/i.test(address);
}
