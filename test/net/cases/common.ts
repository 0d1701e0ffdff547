/** What several cases have in common. */
import type { Seat } from '../link-case.ts';
import type { NetNode } from '../node.ts';

/** A link on a LAN is up within so long, and one through a NAT with NATS as the rendezvous. */
export const LAN_SECONDS = 1.5;
export const NAT_SECONDS = 3;

export const LAN = { v4: '10.1.0', v6: 'fd00:1' };
export const OTHER_LAN = { v4: '10.2.0', v6: 'fd00:2' };

/** A router that lets no UDP through. */
export const BLOCK_UDP = `table inet firewall {
  chain forward { type filter hook forward priority filter; meta l4proto udp drop; }
}`;
export const UNBLOCK_UDP = 'delete table inet firewall';

/**
 * A router behind which packets are smaller, a tunnel say, and that tells nobody: UDP of more than 1,300 bytes, IP included,
 * ends there without a trace.
 */
export const BLOCK_LARGE_UDP = `table inet tunnel {
  chain forward { type filter hook forward priority filter; meta l4proto udp meta length > 1300 drop; }
}`;

/** A peer without further options. */
export function plain({ node }: { readonly node: NetNode }): Seat {
  return { node, args: [] };
}
