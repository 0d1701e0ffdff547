/** What connections need of the router that they belong to. */
import type { Account } from '../account/account.ts';
import type { AuthenticatorView } from '../auth/authenticator.ts';
import type { Admission } from '../auth/types.ts';
import type { ConnectionType } from '../options.ts';
import type { Limits } from '../defaults.ts';
import type { RouterLog } from '../log.ts';
import type { ClientConnection } from './client-connection.ts';
import type { CloseReason } from './close-reason.ts';
import type { Message } from './message.ts';
import type { SlabPool } from './slab.ts';
import type { TurnWork } from './turn.ts';

export interface Hub {
  readonly log: RouterLog;
  readonly limits: Limits;
  readonly pool: SlabPool;
  /** The message that is on its way now. */
  readonly message: Message;
  readonly turn: TurnWork;
  /** Who may come in over this kind of listener. */
  authenticatorFor(type: ConnectionType): AuthenticatorView;
  readonly headersSupported: boolean;
  /** Counters of the whole router. */
  readonly traffic: Traffic;
  nextConnectionId(): number;
  /** The INFO line for this client, as things are now. */
  infoLine(client: ClientConnection): string;
  /** The account that an admission names; undefined when there is none. */
  accountOf(admission: Admission): Account | undefined;
  readonly globalAccount: Account;
  /** Called when CONNECT has been accepted. */
  connected(client: ClientConnection): void;
  /** Called when credentials were refused. */
  refused(client: ClientConnection): void;
  /** Called once for each, after it has left its account. */
  closed(client: ClientConnection, reason: CloseReason): void;
  /** Called after `closed`, when its byte stream has ended too. */
  gone(client: ClientConnection): void;
}

export interface Traffic {
  inMessages: number;
  inBytes: number;
  outMessages: number;
  outBytes: number;
  slowConsumers: number;
}
