/** The released npm clients behind one set of types: those of nats-core, which the older client's fit. */
import * as core from '@nats-io/nats-core';
import { connect as connectNode } from '@nats-io/transport-node';
import * as older from 'nats';

/** What went wrong, by whatever class or code a client says it. */
export type Kind =
  'no responders' | 'timeout' | 'permission' | 'authorization' | 'payload' | 'closed' | 'other';

export interface ReleasedClient {
  readonly name: string;
  connect(options: core.ConnectionOptions): Promise<core.NatsConnection>;
  headers(): core.MsgHdrs;
  nkeyAuthenticator(seed: Uint8Array): core.Authenticator;
  credsAuthenticator(creds: Uint8Array): core.Authenticator;
  kindOf(error: unknown): Kind;
}

const codes: Readonly<Record<string, Kind>> = {
  '503': 'no responders',
  TIMEOUT: 'timeout',
  PERMISSIONS_VIOLATION: 'permission',
  AUTHORIZATION_VIOLATION: 'authorization',
  MAX_PAYLOAD_EXCEEDED: 'payload',
  CONNECTION_CLOSED: 'closed',
};

const names: Readonly<Record<string, Kind>> = {
  NoResponders: 'no responders',
  TimeoutError: 'timeout',
  PermissionViolationError: 'permission',
  AuthorizationError: 'authorization',
  ClosedConnectionError: 'closed',
};

export const clients: readonly ReleasedClient[] = [
  {
    name: 'nats',
    // The same shape, declared by another package.
    connect: (options) =>
      older.connect(options as older.ConnectionOptions) as unknown as Promise<core.NatsConnection>,
    headers: () => older.headers() as unknown as core.MsgHdrs,
    nkeyAuthenticator: (seed) => older.nkeyAuthenticator(seed) as core.Authenticator,
    credsAuthenticator: (creds) => older.credsAuthenticator(creds) as core.Authenticator,
    kindOf: (error) => codes[(error as older.NatsError).code] ?? 'other',
  },
  {
    name: '@nats-io/transport-node',
    connect: connectNode,
    headers: () => core.headers(),
    nkeyAuthenticator: (seed) => core.nkeyAuthenticator(seed),
    credsAuthenticator: (creds) => core.credsAuthenticator(creds),
    kindOf: (error) => kindOfNewer(error),
  },
];

function kindOfNewer(error: unknown): Kind {
  if (!(error instanceof Error)) return 'other';
  const kind = names[error.name];
  if (kind !== undefined) return kind;
  if (error.message.includes('max_payload')) return 'payload';
  return error.cause === undefined ? 'other' : kindOfNewer(error.cause);
}
