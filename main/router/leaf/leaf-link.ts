import type { Account } from '../account/account.ts';
import type { PermissionOptions } from '../options.ts';
import type { Solicitation } from './solicit-handshake.ts';

/** The peer's own key is what the link has proven; whoever opened the stream for leaf nodes solicits. */
export type LeafLinkOptions = AcceptOverLink | SolicitOverLink;

interface AcceptOverLink {
  readonly role: 'accept';
  /** The account that the peer's leaf node belongs to. */
  readonly account: string;
  /** `A…`: names it in logs and monitoring. */
  readonly peer: string;
  /** What the peer may publish and subscribe to here. */
  readonly permissions?: PermissionOptions;
  /** The router's own limit when absent. */
  readonly maxSubscriptions?: number;
}

interface SolicitOverLink {
  readonly role: 'solicit';
  /** This router's account. */
  readonly account: string;
  readonly peer: string;
  /** What does not come in from the peer, and what does not go out to it. */
  readonly denyImports?: readonly string[];
  readonly denyExports?: readonly string[];
  /** This router is the hub, although it has opened the stream. */
  readonly hub?: boolean;
}

/** Links are slower than sockets to begin with. */
const INFO_MS = 10_000;

export function solicitationOverLink(account: Account, options: SolicitOverLink): Solicitation {
  return {
    account,
    login: () => Promise.resolve({}),
    denyImports: options.denyImports ?? [],
    denyExports: options.denyExports ?? [],
    hub: options.hub ?? false,
    proven: true,
    infoTimeout: INFO_MS,
    learned: () => undefined,
    postpone: () => undefined,
  };
}
