/** What the scan worker and its owner say to each other. One job at a time. */

/** A file or folder below the root, as the file system has it now. */
export interface ScannedEntry {
  /** `/`-separated, relative, Unicode NFC. */
  readonly path: string;
  readonly kind: 'file' | 'folder';
  /** Of a folder: the sum of the files below. */
  readonly bytes: number;
  /** Files below a folder; 1 for a file. */
  readonly files: number;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
  readonly executable: boolean;
  /** The relative path on this machine where it is not `path`. */
  readonly local: string | null;
  /** Size, mtime in nanoseconds and inode; empty for folders. */
  readonly identity: string;
}

export interface HashTask {
  /** Row id of the entry. */
  readonly entry: number;
  /** Relative local path. */
  readonly local: string;
}

/** Leaf hashes of one group of a file of more than one chunk. */
export interface HashedGroup {
  readonly entry: number;
  readonly group: number;
  readonly hashes: Uint8Array;
}

/** A file as it was while it was hashed. */
export interface HashedFile {
  readonly entry: number;
  readonly id: Uint8Array;
  readonly bytes: number;
  readonly modifiedAt: number;
  readonly executable: boolean;
  readonly identity: string;
  /** `treeLevels` over the roots of the groups of a file of more than one chunk. */
  readonly levels: Uint8Array | null;
}

export interface Skipped {
  readonly count: number;
  readonly examples: readonly string[];
}

export type ScanJob =
  | { readonly do: 'walk'; readonly root: string; readonly kind: 'file' | 'folder' }
  | {
      readonly do: 'hash';
      readonly root: string;
      readonly kind: 'file' | 'folder';
      readonly files: readonly HashTask[];
    };

/** `credit` allows one more `entries` message. */
export type ToWorker = ScanJob | { readonly do: 'credit' };

export type FromWorker =
  | { readonly is: 'entries'; readonly entries: readonly ScannedEntry[] }
  | {
      readonly is: 'walked';
      readonly files: number;
      readonly bytes: number;
      readonly skipped: Skipped;
    }
  | {
      readonly is: 'hashed';
      readonly groups: readonly HashedGroup[];
      readonly files: readonly HashedFile[];
      readonly failed: readonly { readonly entry: number; readonly reason: string }[];
      /** Bytes read since the last message. */
      readonly progress: number;
    }
  | { readonly is: 'done' }
  | { readonly is: 'failed'; readonly code: string | null; readonly message: string };

/** `entries` messages that may be under way. */
export const WALK_CREDIT = 8;
/** Skipped entries that are named. */
export const SKIPPED_EXAMPLES = 10;
