/**
 * NATs as home routers make them, out of nftables. RFC 4787 gives them in two words each, mapping and filtering;
 * the four classic names are those of RFC 3489 section 5.
 *
 * | name            | mapping                     | who may send to a mapped port               |
 * | --------------- | --------------------------- | ------------------------------------------- |
 * | full-cone       | one port for all            | everybody                                   |
 * | restricted      | one port for all            | addresses that were sent to                 |
 * | port-restricted | one port for all            | addresses and ports that were sent to       |
 * | symmetric       | a random one for each other | the address and port that the port was made for |
 */
export const natKinds = ['full-cone', 'restricted', 'port-restricted', 'symmetric'] as const;
export type NatKind = (typeof natKinds)[number];

/**
 * Rules for a router whose outside interface is `outside`.
 *
 * Linux masquerading keeps a machine's port where it is free, and lets in what answers: port-restricted. A
 * cone that is wider remembers which machine has which port, and forwards newcomers there. Every packet that
 * belongs to nothing is dropped without a trace: were it answered, the kernel would keep a connection for it, whose
 * port a packet from inside could not have any more.
 */
export function natRules(kind: NatKind, outside: string): string {
  const isWide = kind === 'full-cone' || kind === 'restricted';
  const mayEnter = kind === 'restricted' ? 'ip saddr . udp dport @contacted' : '';
  const source = kind === 'symmetric' ? 'masquerade random,fully-random' : 'masquerade';
  return `
    table ip gateway {
      map mapped { typeof udp dport : ip daddr . udp dport; flags dynamic,timeout; timeout 5m; }
      set contacted { typeof ip saddr . udp dport; flags dynamic,timeout; timeout 5m; }
      chain arriving {
        type nat hook prerouting priority dstnat;
        ${isWide ? `iifname "${outside}" ${mayEnter} dnat ip to udp dport map @mapped` : ''}
      }
      chain leaving {
        type nat hook postrouting priority srcnat;
        oifname "${outside}" meta l4proto udp update @mapped { udp sport : ip saddr . udp sport }
        oifname "${outside}" meta l4proto udp ${source}
        oifname "${outside}" masquerade
      }
      chain through {
        type filter hook forward priority filter; policy drop;
        oifname "${outside}" meta l4proto udp update @contacted { ip daddr . udp sport }
        oifname "${outside}" accept
        iifname "${outside}" ct state established,related accept
        iifname "${outside}" ct status dnat accept
      }
      chain own {
        type filter hook input priority filter; policy accept;
        iifname "${outside}" ct state established,related accept
        iifname "${outside}" drop
      }
    }`;
}

/** Further rules for a router: one port of the machines inside is another one outside, towards everybody. */
export function changePort(outside: string, inner: number, outer: number): string {
  return `
    table ip changed_port {
      chain leaving {
        type nat hook postrouting priority srcnat - 1;
        oifname "${outside}" udp sport ${inner} masquerade to :${outer}
      }
    }`;
}
