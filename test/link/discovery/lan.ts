/** A local network of network namespaces: hosts on one switch, and no way out of it. */
import { execFileSync } from 'node:child_process';
import { Namespace } from '../../support/namespaces.ts';

const DEVICE = 'lan0';

export class Lan implements Disposable {
  readonly #switch = Lan.#namespace('switch');
  readonly #hosts: Namespace[] = [];

  constructor() {
    this.#switch.ip('link', 'add', 'br0', 'type', 'bridge', 'mcast_snooping', '0');
    this.#switch.ip('link', 'set', 'br0', 'up');
  }

  /** A host with an address of each family. */
  host(): Namespace {
    const number = this.#hosts.length + 1;
    const host = Lan.#namespace('host');
    this.#hosts.push(host);
    const port = `port${String(number)}`;
    const peer = ['peer', 'name', port, 'netns', this.#switch.name];
    execFileSync('ip', ['-n', host.name, 'link', 'add', DEVICE, 'type', 'veth', ...peer]);
    this.#switch.ip('link', 'set', port, 'master', 'br0', 'up');
    host.ip('addr', 'add', `10.88.0.${String(number)}/24`, 'dev', DEVICE);
    host.ip('addr', 'add', `fd88::${String(number)}/64`, 'dev', DEVICE, 'nodad');
    host.ip('link', 'set', DEVICE, 'up');
    return host;
  }

  /** Another IPv4 address for a host, as after a new lease; the old one is gone. */
  move(host: Namespace, from: string, to: string): void {
    host.ip('addr', 'del', `${from}/24`, 'dev', DEVICE);
    host.ip('addr', 'add', `${to}/24`, 'dev', DEVICE);
  }

  /** What a firewall on this host drops from now on, as a match of nftables. */
  drop(host: Namespace, match: string): void {
    const nft = ['netns', 'exec', host.name, 'nft'];
    execFileSync('ip', [...nft, 'add table inet wall']);
    execFileSync('ip', [...nft, 'add chain inet wall in { type filter hook input priority 0; }']);
    execFileSync('ip', [...nft, `add rule inet wall in ${match} drop`]);
  }

  [Symbol.dispose](): void {
    for (const host of this.#hosts) host[Symbol.dispose]();
    this.#switch[Symbol.dispose]();
  }

  /** With IPv6, whose addresses are there at once. */
  static #namespace(word: string): Namespace {
    const made = new Namespace(word);
    for (const scope of ['all', 'default']) {
      made.sysctl(`net.ipv6.conf.${scope}.accept_dad`, '0');
      made.sysctl(`net.ipv6.conf.${scope}.disable_ipv6`, '0');
    }
    return made;
  }
}
