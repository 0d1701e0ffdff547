/** The running peer, as its hosts and the API see it. */
import type { DeploymentStatus } from '../deployment/types.ts';
import type { ProtectionKind } from '../identity/key-file/format.ts';
import type { Forwarding } from '../forward/types.ts';
import type { Contact, PeerKey, Way } from '../identity/types.ts';
import type { Links } from '../link/types.ts';
import type { Sharing } from '../share/types.ts';
import type { Config } from './config.ts';
import type { Diagnosis } from './doctor.ts';
import type { PeerNearby } from './nearby.ts';
import type { PeerRouter } from './router/peer-router.ts';

export type PeerState = 'running' | 'paused' | 'stopping';

interface InvitePreview {
  readonly key: PeerKey;
  readonly name: string;
  readonly expiresAt: number;
  readonly ways: readonly Way[];
}

export type PeerEvents = {
  /** State, name, deployments or addresses changed. */
  status: [];
  /** A stranger asked to be a contact. */
  request: [key: PeerKey];
  /** A contact we asked has accepted, or one used our invite. */
  accepted: [key: PeerKey];
};

export interface Peer {
  readonly home: string;
  readonly key: PeerKey;
  readonly startedAt: number;
  readonly protection: ProtectionKind;
  readonly config: Config;
  readonly state: PeerState;
  readonly links: Pick<Links, 'list' | 'get' | 'on'>;
  readonly sharing: Sharing;
  readonly forwarding: Forwarding;
  readonly router: Pick<PeerRouter, 'client' | 'exports' | 'open' | 'status'>;
  name(): string;
  downloads(): string;
  /** `host:port` of every bound UDP socket. */
  udp(): string[];
  deployments(): DeploymentStatus[];
  /** Changes what a person set; written to the configuration. */
  set(change: { name?: string; downloads?: string }): void;
  contacts: PeerContacts;
  /** Looks for what keeps this peer, or that contact, from being reached; takes up to 8 s. */
  diagnose(key?: PeerKey): Promise<Diagnosis>;
  readonly nearby: PeerNearby;
  /** Takes all links down and refuses new ones, until `resume`. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Two steps: refuse new work and drain, then abort after a bounded wait. Idempotent. */
  stop(): Promise<void>;
  on<Name extends keyof PeerEvents & string>(
    name: Name,
    listener: (...args: PeerEvents[Name]) => void,
  ): () => void;
}

/** The contacts, with what a person can do about them. */
export interface PeerContacts {
  list(): Contact[];
  get(key: PeerKey): Contact | undefined;
  /** A fresh invite link: one use, 24 hours. */
  createInvite(): { link: string; expiresAt: number };
  /** Reads an invite without doing anything. Throws IdentityError `invite-malformed`, `invite-newer`. */
  previewInvite(link: string): InvitePreview;
  /**
   * Adds the maker of an invite, or a bare key (optionally found at `host:port`). Waits a few seconds for the link.
   * Throws PeerError `contact-self`, `contact-target`, `contact-blocked`, `invite-expired`; IdentityError `way-malformed`,
   * `invite-malformed`.
   */
  add(target: string, at: string | undefined, signal: AbortSignal): Promise<Contact>;
  accept(key: PeerKey): Contact;
  block(key: PeerKey): Contact;
  /** Switches relaying between this contact and others on or off. Throws PeerError `contact-unknown`. */
  setRelay(key: PeerKey, on: boolean): Contact;
  remove(key: PeerKey): void;
  onChange(listener: (key: PeerKey, contact: Contact | undefined) => void): () => void;
}
