/**
 * What the rest of the program knows of an identity: a public key that signs, a TLS credential, and the
 * contacts this peer has chosen. Seeds stay inside `identity/`.
 */

/** A peer's public key: a NATS account NKey, `A` and 55 base32 characters. */
export type PeerKey = string;

/** Where a contact stands: they asked (`requested`), we asked (`invited`), both agreed, or neither ever again. */
export type ContactState = 'requested' | 'invited' | 'accepted' | 'blocked';

/** A way to reach a peer that means something to others, and that is worth keeping. */
export type LastingWay =
  | { readonly kind: 'udp'; readonly host: string; readonly port: number }
  | { readonly kind: 'nats'; readonly server: string; readonly prefix: string };

/** A way to reach a peer; one through a contact is good as long as this peer is linked with that contact. */
export type Way = LastingWay | { readonly kind: 'relay'; readonly via: PeerKey };

export interface Contact {
  readonly key: PeerKey;
  /** The name the contact gave itself, or the key's first characters. Untrusted text, at most 64 characters, no controls. */
  readonly name: string;
  readonly state: ContactState;
  /** Known ways, best known first; at most 16. */
  readonly ways: readonly LastingWay[];
  /** Milliseconds since 1970. */
  readonly addedAt: number;
  readonly lastSeenAt: number | null;
  /** This peer carries between that contact and others, and lets itself be reached through it. */
  readonly relay: boolean;
}

/** What an invite link says. */
export interface Invite {
  readonly key: PeerKey;
  readonly name: string;
  /** 16 random bytes: names the invite to its maker. */
  readonly id: Uint8Array;
  /** 32 random bytes, shared by the link alone; never travels again. */
  readonly secret: Uint8Array;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly ways: readonly LastingWay[];
}

/** Signs for this peer. Every use has its own domain; callers never pass bytes another party chose alone. */
export interface Signer {
  readonly key: PeerKey;
  /** Ed25519 over `domain ‖ 0x00 ‖ message`; 64 bytes. */
  sign(domain: string, message: Uint8Array): Uint8Array;
}

/** The self-signed certificate whose Ed25519 key is the peer's NKey (PROTOCOL "QUIC"). */
export interface TlsCredential {
  readonly certPem: string;
  readonly keyPem: string;
}

/** The open identity of this peer. */
export interface Identity extends Signer {
  readonly tls: TlsCredential;
  /** A key derived from the identity for a local purpose (HKDF-SHA-256, 32 bytes), e.g. cookie keys. */
  derive(purpose: string): Uint8Array;
  /**
   * A key that this peer and `peer` alone can compute, the same for both (X25519 of the two account keys and
   * HKDF-SHA-256, 32 bytes). Undefined for what is no peer's key.
   */
  agree(peer: PeerKey, purpose: string): Uint8Array | undefined;
}

/** The user NKey that answers NATS servers' nonces for this peer, vouched for by the account key. */
export interface NatsUser {
  /** `U` and 55 base32 characters. */
  readonly key: string;
  /** The user JWT issued by this peer's account key; for servers in operator mode. */
  readonly jwt: string;
  /** Ed25519 over the server's nonce as it stands in INFO; 64 bytes. */
  signNonce(nonce: Uint8Array): Uint8Array;
}

/** The contacts, in the store; every change is one transaction and is told to listeners. */
export interface Contacts {
  list(): Contact[];
  get(key: PeerKey): Contact | undefined;
  /** Inserts, or changes the given fields. Unknown keys need `state`. Returns what is now stored. */
  put(key: PeerKey, change: ContactChange): Contact;
  /** Puts ways in front of the known ones (newest first, without duplicates, at most 16). */
  learnWays(key: PeerKey, ways: readonly Way[]): void;
  /** Forgets the contact. */
  remove(key: PeerKey): void;
  onChange(listener: (key: PeerKey, contact: Contact | undefined) => void): () => void;
}

interface ContactChange {
  readonly state?: ContactState;
  readonly name?: string;
  readonly ways?: readonly Way[];
  readonly lastSeenAt?: number;
  readonly relay?: boolean;
}

/** Invites this peer made: single use, 24 hours. Only a hash-derived proof key is ever compared. */
export interface Invites {
  /** Makes one; its link is `formatInvite(invite)`. */
  create(name: string, ways: readonly Way[], now: number): Invite;
  /**
   * Whether `proof` is HMAC-SHA-256(secret, message) of the open, unexpired, unused invite `id`.
   * A true answer uses the invite up, in the same transaction that makes `by` an accepted contact.
   */
  redeem(id: Uint8Array, proof: Uint8Array, message: Uint8Array, by: PeerKey, now: number): boolean;
  /** The proof this peer, as the receiver of `invite`, sends: HMAC-SHA-256(secret, message). */
  prove(invite: Invite, message: Uint8Array): Uint8Array;
}
