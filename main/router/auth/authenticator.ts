import type { RouterLog } from '../log.ts';
import type { ConnectionType, RouterOptions } from '../options.ts';
import { createOperatorMode, type OperatorMode } from '../jwt/operator-mode.ts';
import { ConfigAuthenticator, type LoginRules } from './config-authenticator.ts';
import { LeafAuthenticator } from './leaf-authenticator.ts';
import { Passwords } from './passwords.ts';
import type { Admission, Authenticator, ConnectionFacts, Credentials, Refusal } from './types.ts';
import { GLOBAL_ACCOUNT, UserTable } from './user-table.ts';
import { refuse } from './verdicts.ts';

export interface AuthenticatorDeps {
  readonly log: RouterLog;
  /** This router's, `major.minor.update`: operators may demand one. */
  readonly version: string;
  /** What the peer that a link proved may be here; undefined: nothing. Absent: no peer is admitted. */
  readonly peerAdmission?: (peerKey: string) => Admission | undefined;
  /** Unix ms; the clock when absent. */
  readonly now?: () => number;
}

/** What one kind of connection meets; the rest is the same for all. */
export interface AuthenticatorView extends Authenticator {
  /** INFO's `auth_required`: not with a `no_auth_user` that the configuration names. */
  readonly advertised: boolean;
}

export interface RouterAuthenticator extends AuthenticatorView {
  /** Accounts from JWTs; undefined without an operator. */
  readonly operator: OperatorMode | undefined;
  /** The websocket and leafnode listeners may have rules of their own; the authenticator itself is the clients'. */
  for(type: ConnectionType): AuthenticatorView;
  /** Opens the account resolver. Throws RouterError. */
  start(): Promise<void>;
  /** Ends the password thread and the resolver. Idempotent. */
  close(): Promise<void>;
}

/** Throws RouterError 'router-config' for users and operators that cannot be. */
export function createAuthenticator(
  options: RouterOptions,
  deps: AuthenticatorDeps,
): RouterAuthenticator {
  const passwords = new Passwords();
  const operator = createOperatorMode(options, deps);
  const table = new UserTable(options);
  const view = (config: ConfigAuthenticator, leaf?: LeafAuthenticator): AuthenticatorView =>
    new View(table, config, leaf, operator, deps);
  const config = (rules: LoginRules): ConfigAuthenticator =>
    new ConfigAuthenticator(table, rules, passwords);

  const clients = view(config(clientRules(options, table)));
  const websockets = view(config(websocketRules(options, table)));
  const leafBlock = LeafAuthenticator.of(options.leafnodes, passwords);
  const leafnodes = view(config(leafRules(options, table, false)), leafBlock);
  const leafWebsockets = view(config(leafRules(options, table, true)), leafBlock);

  return {
    required: clients.required,
    challenges: clients.challenges,
    anonymous: clients.anonymous,
    advertised: clients.advertised,
    operator,
    for(type) {
      if (type === 'WEBSOCKET') return websockets;
      if (type === 'LEAFNODE') return leafnodes;
      return type === 'LEAFNODE_WS' ? leafWebsockets : clients;
    },
    authenticate(credentials, facts) {
      return this.for(facts.type).authenticate(credentials, facts);
    },
    async start() {
      await operator?.start();
    },
    async close() {
      await Promise.all([passwords.close(), operator?.close()]);
    },
  };
}

class View implements AuthenticatorView {
  readonly required: boolean;
  readonly challenges: boolean;
  readonly anonymous: boolean;
  readonly advertised: boolean;
  readonly #config: ConfigAuthenticator;
  readonly #leaf: LeafAuthenticator | undefined;
  readonly #operator: OperatorMode | undefined;
  readonly #deps: AuthenticatorDeps;

  constructor(
    table: UserTable,
    config: ConfigAuthenticator,
    leaf: LeafAuthenticator | undefined,
    operator: OperatorMode | undefined,
    deps: AuthenticatorDeps,
  ) {
    this.required = operator !== undefined || leaf !== undefined || config.required;
    this.challenges = operator !== undefined || leaf !== undefined || table.nkeys.size > 0;
    this.anonymous = operator === undefined && leaf === undefined && config.anonymous;
    this.advertised = this.required && (!this.anonymous || table.noAuthUserIsImplied);
    this.#config = config;
    this.#leaf = leaf;
    this.#operator = operator;
    this.#deps = deps;
  }

  authenticate(
    credentials: Credentials,
    facts: ConnectionFacts,
  ): Admission | Refusal | Promise<Admission | Refusal> {
    if (facts.peerKey !== undefined)
      return (
        this.#deps.peerAdmission?.(facts.peerKey) ?? refuse('this peer may not use the router')
      );
    if (this.#leaf !== undefined) return this.#leaf.authenticate(credentials, facts);
    if (this.#operator !== undefined)
      return this.#operator.authenticator.authenticate(credentials, facts);
    return this.#config.authenticate(credentials, facts);
  }
}

function clientRules({ authorization, tls }: RouterOptions, table: UserTable): LoginRules {
  return {
    single: authorization ?? {},
    noAuthUser: table.noAuthUser,
    mapCertificate: tls?.verifyAndMap === true,
  };
}

/** Its own user, token or no_auth_user replace those of the clients; the list of users is shared. */
function websocketRules(options: RouterOptions, table: UserTable): LoginRules {
  const { websocket } = options;
  const mapCertificate = websocket?.tls?.verifyAndMap === true;
  const { user, token } = websocket?.authorization ?? {};
  const noAuthUser = websocket?.noAuthUser || undefined;
  if (!user && !token && noAuthUser === undefined)
    return { ...clientRules(options, table), mapCertificate };
  return { single: websocket?.authorization ?? {}, noAuthUser, mapCertificate };
}

/** Without an `authorization` block of their own, leaf nodes that name nobody are let in (nats-server). */
function leafRules(options: RouterOptions, table: UserTable, overWebsocket: boolean): LoginRules {
  const { leafnodes, websocket } = options;
  const own = overWebsocket ? websocket?.noAuthUser || undefined : undefined;
  return {
    single: options.authorization ?? {},
    noAuthUser: own ?? table.noAuthUser,
    mapCertificate: leafnodes?.tls?.verifyAndMap === true,
    defaultAccount: leafnodes?.authorization?.account ?? GLOBAL_ACCOUNT,
  };
}
