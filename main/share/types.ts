/**
 * Sharing as the rest of the program sees it. Shapes that are shown to people are the contract's own
 * (`ShareInfo`, `OfferInfo`, …) less what only the peer knows; the composition root adds names and presence.
 */
import type { PeerKey } from '../identity/types.ts';

export type Audience = 'everyone' | readonly PeerKey[];
export type ContentState = 'hashing' | 'ready' | 'failed';

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

export interface Share {
  readonly id: string;
  readonly name: string;
  readonly kind: 'file' | 'folder';
  /** Absolute, on this machine. */
  readonly path: string;
  readonly audience: Audience;
  readonly state: ContentState;
  readonly error: Failure | null;
  readonly files: number;
  readonly bytes: number;
  readonly hashedBytes: number;
  readonly skipped: { readonly count: number; readonly examples: readonly string[] };
  readonly createdAt: number;
}

export interface Offer {
  readonly peer: PeerKey;
  readonly id: string;
  readonly name: string;
  readonly kind: 'file' | 'folder';
  readonly state: ContentState;
  readonly files: number;
  readonly bytes: number;
  readonly hashedBytes: number;
}

export interface BrowseEntry {
  readonly name: string;
  readonly path: string;
  readonly kind: 'file' | 'folder';
  readonly bytes: number;
  readonly files: number;
  readonly modifiedAt: number;
}

export type TransferState =
  'waiting' | 'hashing' | 'verifying' | 'transferring' | 'done' | 'failed' | 'cancelled';

export interface Transfer {
  readonly id: string;
  readonly peer: PeerKey;
  readonly share: string;
  readonly shareName: string;
  readonly path: string;
  readonly target: string;
  readonly state: TransferState;
  readonly error: Failure | null;
  readonly files: { readonly done: number; readonly total: number };
  readonly bytes: { readonly done: number; readonly total: number };
  readonly stage: { readonly done: number; readonly total: number } | null;
  readonly chunks: { readonly received: number; readonly refetched: number };
  readonly rateBytesPerSecond: number;
  readonly etaSeconds: number | null;
  readonly startedAt: number;
  readonly finishedAt: number | null;
}

export type ShareEvents = {
  /** A share of ours changed; undefined: it is gone. */
  share: [id: string, share: Share | undefined];
  offer: [peer: PeerKey, id: string, offer: Offer | undefined];
  transfer: [id: string, transfer: Transfer | undefined];
};

/** The whole feature: what we offer, what others offer us, and the downloads between. */
export interface Sharing extends AsyncDisposable {
  /** Throws ShareError `path-missing`, `path-unreadable`, `already-shared`, …; returns while hashing goes on. */
  share(options: { path: string; name?: string; audience: Audience }): Promise<Share>;
  /** At once: also downloads in flight end with `unshared` on the other side. */
  unshare(id: string): void;
  shares(): Share[];
  /** What linked (and recently linked) contacts offer us. */
  offers(): Offer[];
  browse(
    peer: PeerKey,
    share: string,
    options: { path: string; after?: string; limit: number; signal?: AbortSignal },
  ): Promise<{ entries: BrowseEntry[]; next: string | null }>;
  download(options: {
    peer: PeerKey;
    share: string;
    path: string;
    into: string;
  }): Promise<Transfer>;
  transfers(): Transfer[];
  cancel(id: string): Transfer;
  retry(id: string): Transfer;
  /** Forgets a transfer that has ended, with its part files. */
  forget(id: string): void;
  on<Name extends keyof ShareEvents & string>(
    name: Name,
    listener: (...args: ShareEvents[Name]) => void,
  ): () => void;
  /** Stops serving and fetching; the store keeps where everything stood. Idempotent. */
  [Symbol.asyncDispose](): Promise<void>;
}
