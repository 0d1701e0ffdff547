/**
 * Who a connection may be. The router asks an `Authenticator` once per CONNECT, and asks again on reload.
 */
import type { ConnectionType, PermissionOptions } from '../options.ts';

/** What a client's CONNECT offers; absent fields were not sent. */
export interface Credentials {
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
  readonly nkey?: string;
  readonly sig?: string;
  readonly jwt?: string;
}

/** What the router itself knows of the connection. */
export interface ConnectionFacts {
  readonly type: ConnectionType;
  /** The peer's IP address, or empty for links, pipes and in-process connections. */
  readonly host: string;
  /** The challenge of INFO (15 characters), or undefined when none was sent. */
  readonly nonce?: string;
  /** DER of the client's checked certificate (TLS with verify), or undefined. */
  readonly certificate?: TlsIdentity;
  /** Credentials that came before CONNECT, as cookies of a WebSocket; CONNECT's own go before them. */
  readonly offered?: Credentials;
  /** The account key (`A…`) proven by a link, for streams from contacts. */
  readonly peerKey?: string;
}

/** The names in a checked client certificate that `verify_and_map` may map to a user. */
export interface TlsIdentity {
  readonly emails: readonly string[];
  readonly dnsNames: readonly string[];
  readonly uris: readonly string[];
  /** RFC 2253 text of the subject, `CN=…,OU=…`. */
  readonly distinguishedName: string;
}

/** What the connection then is. */
export interface Admission {
  readonly ok: true;
  /** Name (or key) of the account; `$G` without accounts. */
  readonly account: string;
  /** How logs and monitoring name the user: user name, NKey, JWT subject, `[token]`, or empty. Never a secret. */
  readonly user: string;
  /** `connz?auth=1` extra facts in operator mode. */
  readonly jwt?: string;
  readonly issuerKey?: string;
  readonly nameTag?: string;
  readonly tags?: readonly string[];
  readonly permissions?: PermissionOptions;
  /** Per-user limits, -1 or absent: none. */
  readonly maxSubscriptions?: number;
  readonly maxPayload?: number;
  /** Epoch ms when the connection must end, and which text it then gets; absent: never. */
  readonly expires?: {
    readonly at: number;
    readonly text: 'User Authentication Expired' | 'Account Authentication Expired';
  };
  readonly allowedConnectionTypes?: readonly ConnectionType[];
}

export interface Refusal {
  readonly ok: false;
  /** The exact -ERR text. */
  readonly text:
    | 'Authorization Violation'
    | 'User Authentication Expired'
    | 'User Authentication Revoked'
    | 'Account Authentication Expired'
    | 'maximum account active connections exceeded';
  /** For the log and for debugging only; holds no secret. */
  readonly reason: string;
}

export interface Authenticator {
  /** INFO's auth_required, and whether operations before CONNECT are refused. */
  readonly required: boolean;
  /** Whether INFO needs a nonce (NKeys or operators are configured). */
  readonly challenges: boolean;
  /**
   * Whether a connection without any credentials gets in (no_auth_user); the refusal of operations before
   * CONNECT does not apply then.
   */
  readonly anonymous: boolean;
  /**
   * Answers synchronously where it can (none, token, plain passwords, NKeys, known JWTs); a promise where
   * bcrypt runs in a worker or an account has to be fetched.
   */
  authenticate(
    credentials: Credentials,
    facts: ConnectionFacts,
  ): Admission | Refusal | Promise<Admission | Refusal>;
}
