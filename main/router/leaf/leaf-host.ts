import type { Account } from '../account/account.ts';
import type { Admission, Authenticator } from '../auth/types.ts';
import type { CloseReason } from '../connection/close-reason.ts';
import type { Hub } from '../connection/hub.ts';
import type { AccountInterest } from './account-interest.ts';
import type { LeafConnection } from './leaf-connection.ts';
import type { LeafInfoFields } from './leaf-info.ts';

/** What leaf connections need of the router that they belong to. */
export interface LeafHost extends Pick<
  Hub,
  | 'log'
  | 'limits'
  | 'pool'
  | 'message'
  | 'turn'
  | 'traffic'
  | 'headersSupported'
  | 'nextConnectionId'
> {
  readonly serverId: string;
  readonly serverName: string;
  /** Two sides with the same one do not connect; '' for none. */
  readonly clusterName: string;
  /** Logins of leaf nodes. */
  authenticatorFor(type: 'LEAFNODE' | 'LEAFNODE_WS'): Authenticator;
  /** Ms for CONNECT to come. */
  readonly authTimeout: number;
  /** Leaf nodes have to be of this version or later. */
  readonly minVersion: string | undefined;
  accountOf(admission: Admission): Account | undefined;
  /** What INFO says to every leaf node. */
  infoFields(): Omit<LeafInfoFields, 'client_id' | 'nonce'>;
  /** Whether the account may have one leaf node more. */
  hasRoom(account: Account): boolean;
  /** Whether a cluster is behind a leaf node of this account already. */
  hasCluster(account: Account, cluster: string): boolean;
  /** The leaf node belongs to its account now. Answers what it is told of; `closed` gives it back. */
  joined(leaf: LeafConnection, account: Account): AccountInterest;
  /** Credentials were refused; `closed` follows. */
  refused(leaf: LeafConnection): void;
  /** Called once for each, after it has left its account. */
  closed(leaf: LeafConnection, reason: CloseReason): void;
}
