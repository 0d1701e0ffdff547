import { run } from './run.ts';
import type { NetNode } from './node.ts';

/** IPv4 as `10.1.0`, IPv6 as `fd00:1`: what stands before a machine's number. */
export interface SegmentAddresses {
  readonly v4?: string;
  readonly v6?: string;
  /** No machine takes the others for its neighbours, and multicast goes nowhere; IPv4 only. Default false. */
  readonly isInternet?: boolean;
}

/** A machine's place on a segment. */
export interface Attachment {
  readonly node: NetNode;
  readonly segment: Segment;
  /** Name of the interface, the same as the segment's. */
  readonly device: string;
  /** Its number on the segment. */
  readonly number: number;
  readonly v4: string | undefined;
  readonly v6: string | undefined;
}

/** An Ethernet switch and its cables: a bridge in a namespace of its own. */
export class Segment {
  readonly name: string;
  readonly addresses: SegmentAddresses;
  readonly #node: NetNode;
  #ports = 0;

  /** Use `Lab.segment`. */
  constructor(name: string, addresses: SegmentAddresses, node: NetNode) {
    this.name = name;
    this.addresses = addresses;
    this.#node = node;
  }

  async make(): Promise<void> {
    // Without snooping multicast goes everywhere at once, as on a switch that knows nothing of it.
    const options = ['type', 'bridge', 'stp_state', '0', 'mcast_snooping', '0'];
    await this.#node.ip('link', 'add', 'switch', ...options);
    await this.#node.ip('link', 'set', 'switch', 'up');
  }

  /** Plugs a machine in, with the next free number. @param gateway the machine that routes for it, on this segment */
  async attach(node: NetNode, gateway?: Attachment): Promise<Attachment> {
    this.#ports += 1;
    const number = this.#ports;
    const port = `port${number}`;
    const device = this.name;
    const pair = ['type', 'veth', 'peer', 'name', port, 'netns', this.#node.namespace];
    await run('ip', ['link', 'add', device, 'netns', node.namespace, ...pair]);
    await this.#node.ip('link', 'set', port, 'master', 'switch', 'up');
    if (this.addresses.isInternet === true) {
      const quiet = ['type', 'bridge_slave', 'mcast_flood', 'off'];
      await this.#node.ip('link', 'set', port, ...quiet);
    }
    await node.ip('link', 'set', device, 'up');
    await setNumber(node, this, number, gateway);
    const { v4, v6 } = this.addresses;
    return {
      node,
      segment: this,
      device,
      number,
      v4: v4 && `${v4}.${number}`,
      v6: v6 && `${v6}::${number}`,
    };
  }
}

/** Gives a machine the addresses of this number on a segment, and its routes; what it had there goes. */
export async function setNumber(
  node: NetNode,
  { name: device, addresses }: Segment,
  number: number,
  gateway?: Attachment,
): Promise<void> {
  const { v4, v6, isInternet = false } = addresses;
  if (v4 !== undefined) {
    await node.ip('-4', 'addr', 'flush', 'dev', device, 'scope', 'global');
    await node.ip('addr', 'add', `${v4}.${number}/${isInternet ? 32 : 24}`, 'dev', device);
    if (isInternet) await node.ip('route', 'replace', `${v4}.0/24`, 'dev', device);
    if (gateway?.v4) await node.ip('route', 'replace', 'default', 'via', gateway.v4);
  }
  if (v6 !== undefined) {
    await node.ip('-6', 'addr', 'flush', 'dev', device, 'scope', 'global');
    await node.ip('addr', 'add', `${v6}::${number}/${isInternet ? 128 : 64}`, 'dev', device);
    if (isInternet) await node.ip('-6', 'route', 'replace', `${v6}::/64`, 'dev', device);
    if (gateway?.v6) await node.ip('-6', 'route', 'replace', 'default', 'via', gateway.v6);
  }
}
