import type { Database, Statement } from 'better-sqlite3';
import { chunkCount, groupCount } from './chunk-tree.ts';
import type { HashTask, HashedFile, HashedGroup, ScannedEntry } from './scan/messages.ts';

/** An entry as it is stored. */
export interface EntryRow {
  readonly id: number;
  readonly path: string;
  readonly name: string;
  readonly kind: 'file' | 'folder';
  readonly bytes: number;
  readonly files: number;
  readonly modifiedAt: number;
  readonly executable: boolean;
  /** Relative local path. */
  readonly local: string;
  readonly identity: string;
  /** Null for folders, and for files that wait to be hashed. */
  readonly fileId: Uint8Array | null;
}

interface Stored {
  id: number;
  path: string;
  name: string;
  kind: number;
  bytes: number;
  files: number;
  modified_at: number;
  executable: number;
  local: string | null;
  identity: string;
  file_id: Uint8Array | null;
  generation: number;
}

const COLUMNS =
  'id, path, name, kind, bytes, files, modified_at, executable, local, identity, file_id, generation';
const LEFT_SLICE = 2_000;

/** What one batch of a walk changed. */
export interface WalkedBatch {
  /** Whether the manifest has to be made anew. */
  readonly changed: boolean;
  /** Bytes and number of files that have to be hashed. */
  readonly unhashedBytes: number;
  readonly unhashedFiles: number;
}

/** The entries of shares in the store: what a walk found, what hashing gave, what serving needs. */
export class EntryRepository {
  readonly #db: Database;
  readonly #get: Statement<[string, string], Stored>;
  readonly #insert: Statement<(string | number | null)[]>;
  readonly #seen: Statement<[number, number]>;
  readonly #update: Statement<(string | number | null)[]>;
  readonly #hashed: Statement<(string | number | Uint8Array)[]>;
  readonly #sums: Statement<[number, number, string, string]>;
  readonly #leaves: Statement<[number, number], { hashes: Uint8Array }>;
  readonly #levels: Statement<[number], { levels: Uint8Array }>;
  readonly #putLeaves: Statement<[number, number, Uint8Array]>;
  readonly #cutLeaves: Statement<[number, number]>;
  readonly #putLevels: Statement<[number, Uint8Array]>;
  readonly #dropLevels: Statement<[number]>;
  readonly #byId: Statement<[number], Stored>;

  constructor(db: Database) {
    this.#db = db;
    this.#get = db.prepare(`SELECT ${COLUMNS} FROM share_entries WHERE share = ? AND path = ?`);
    this.#insert = db.prepare(
      `INSERT INTO share_entries (share, path, parent, name, kind, bytes, files, modified_at, executable,
         local, identity, generation) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#seen = db.prepare('UPDATE share_entries SET generation = ? WHERE id = ?');
    this.#update = db.prepare(
      `UPDATE share_entries SET kind = ?, bytes = ?, files = ?, modified_at = ?, executable = ?, local = ?,
         identity = ?, generation = ?, file_id = iif(?, file_id, NULL) WHERE id = ?`,
    );
    this.#hashed = db.prepare(
      `UPDATE share_entries SET file_id = ?, bytes = ?, modified_at = ?, executable = ?, identity = ?
         WHERE id = ?`,
    );
    this.#sums = db.prepare(
      `UPDATE share_entries SET bytes = bytes + ?, files = files + ? WHERE share = ? AND path = ?`,
    );
    this.#leaves = db.prepare('SELECT hashes FROM share_leaves WHERE entry = ? AND grp = ?');
    this.#levels = db.prepare('SELECT levels FROM share_trees WHERE entry = ?');
    this.#putLeaves = db.prepare(
      'INSERT OR REPLACE INTO share_leaves (entry, grp, hashes) VALUES (?, ?, ?)',
    );
    this.#cutLeaves = db.prepare('DELETE FROM share_leaves WHERE entry = ? AND grp >= ?');
    this.#putLevels = db.prepare(
      'INSERT OR REPLACE INTO share_trees (entry, levels) VALUES (?, ?)',
    );
    this.#dropLevels = db.prepare('DELETE FROM share_trees WHERE entry = ?');
    this.#byId = db.prepare(`SELECT ${COLUMNS} FROM share_entries WHERE id = ?`);
  }

  get(share: string, path: string): EntryRow | undefined {
    const stored = this.#get.get(share, path);
    return stored === undefined ? undefined : rowOf(stored);
  }

  /** Stores a batch of a walk in one transaction. A file that is as it was keeps its id. */
  walked(share: string, generation: number, entries: readonly ScannedEntry[]): WalkedBatch {
    let changed = false;
    let unhashedBytes = 0;
    let unhashedFiles = 0;
    this.#db.transaction(() => {
      for (const entry of entries) {
        const known = this.#get.get(share, entry.path);
        const same = known !== undefined && isSame(known, entry);
        if (same) {
          this.#seen.run(generation, known.id);
        } else {
          changed = true;
          this.#put(share, generation, entry, known);
        }
        const keepsId = known?.identity === entry.identity && known.file_id !== null;
        if (entry.kind === 'file' && !keepsId) {
          unhashedBytes += entry.bytes;
          unhashedFiles += 1;
        }
      }
    })();
    return { changed, unhashedBytes, unhashedFiles };
  }

  #put(share: string, generation: number, entry: ScannedEntry, known: Stored | undefined): void {
    const kind = entry.kind === 'file' ? 1 : 0;
    const executable = entry.executable ? 1 : 0;
    const slash = entry.path.lastIndexOf('/');
    if (known === undefined) {
      this.#insert.run(
        share,
        entry.path,
        slash < 0 ? '' : entry.path.slice(0, slash),
        entry.path.slice(slash + 1),
        kind,
        entry.bytes,
        entry.files,
        entry.modifiedAt,
        executable,
        entry.local,
        entry.identity,
        generation,
      );
      return;
    }
    this.#update.run(
      kind,
      entry.bytes,
      entry.files,
      entry.modifiedAt,
      executable,
      entry.local,
      entry.identity,
      generation,
      known.identity === entry.identity ? 1 : 0,
      known.id,
    );
  }

  /**
   * Deletes what the walk `generation` did not see among the next entries after `after`.
   * Returns the last path looked at, or undefined at the end.
   */
  dropUnseen(
    share: string,
    generation: number,
    after: string,
  ): { deleted: number; last: string | undefined } {
    const end = this.#db
      .prepare<[string, string, number], { path: string }>(
        'SELECT path FROM share_entries WHERE share = ? AND path > ? ORDER BY path LIMIT 1 OFFSET ?',
      )
      .get(share, after, LEFT_SLICE);
    const deleted =
      end === undefined
        ? this.#db
            .prepare('DELETE FROM share_entries WHERE share = ? AND path > ? AND generation <> ?')
            .run(share, after, generation)
        : this.#db
            .prepare(
              'DELETE FROM share_entries WHERE share = ? AND path > ? AND path <= ? AND generation <> ?',
            )
            .run(share, after, end.path, generation);
    return { deleted: deleted.changes, last: end?.path };
  }

  unhashed(share: string, limit: number): HashTask[] {
    return this.#db
      .prepare<[string, number], { entry: number; local: string }>(
        `SELECT id AS entry, coalesce(local, path) AS local FROM share_entries
           WHERE share = ? AND kind = 1 AND file_id IS NULL LIMIT ?`,
      )
      .all(share, limit);
  }

  /** Stores what hashing gave, in one transaction. Returns how much the share's sum of bytes changed. */
  hashed(
    share: string,
    groups: readonly HashedGroup[],
    files: readonly HashedFile[],
    failed: readonly number[],
  ): { bytes: number; files: number } {
    const sum = { bytes: 0, files: 0 };
    this.#db.transaction(() => {
      for (const { entry, group, hashes } of groups) this.#putLeaves.run(entry, group, hashes);
      for (const file of files) this.#putHashed(share, file, sum);
      for (const entry of failed) this.#drop(share, entry, sum);
    })();
    return sum;
  }

  #putHashed(share: string, file: HashedFile, sum: { bytes: number }): void {
    const known = this.#byId.get(file.entry);
    if (known === undefined) return;
    const { entry, id, bytes, modifiedAt, executable, identity, levels } = file;
    this.#hashed.run(id, bytes, modifiedAt, executable ? 1 : 0, identity, entry);
    if (bytes !== known.bytes) {
      sum.bytes += bytes - known.bytes;
      this.#addToFolders(share, known.path, bytes - known.bytes, 0);
    }
    const groups = chunkCount(bytes) <= 1 ? 0 : groupCount(bytes);
    this.#cutLeaves.run(entry, groups);
    if (levels === null) this.#dropLevels.run(entry);
    else this.#putLevels.run(entry, levels);
  }

  #drop(share: string, entry: number, sum: { bytes: number; files: number }): void {
    const known = this.#byId.get(entry);
    if (known === undefined) return;
    sum.bytes -= known.bytes;
    sum.files -= 1;
    this.#addToFolders(share, known.path, -known.bytes, -1);
    this.#db.prepare('DELETE FROM share_entries WHERE id = ?').run(entry);
  }

  #addToFolders(share: string, path: string, bytes: number, files: number): void {
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      this.#sums.run(bytes, files, share, path.slice(0, slash));
    }
  }

  /** Has a file hashed anew at the next scan, though its size and times are the same. */
  forgetHash(share: string, path: string): void {
    this.#db
      .prepare(
        `UPDATE share_entries SET file_id = NULL, identity = '' WHERE share = ? AND path = ?`,
      )
      .run(share, path);
  }

  /** The local relative path of an entry. */
  localOf(entry: number): string | undefined {
    const row = this.#byId.get(entry);
    return row === undefined ? undefined : (row.local ?? row.path);
  }

  /** Direct children of a folder by name (bytes of UTF-8). */
  children(share: string, parent: string, after: string, limit: number): EntryRow[] {
    return this.#db
      .prepare<[string, string, string, number], Stored>(
        `SELECT ${COLUMNS} FROM share_entries WHERE share = ? AND parent = ? AND name > ?
           ORDER BY name LIMIT ?`,
      )
      .all(share, parent, after, limit)
      .map(rowOf);
  }

  /**
   * The next entries of the manifest after a path, in its order: files with ids, and folders with nothing
   * inside.
   */
  manifestSlice(share: string, after: string, limit: number): EntryRow[] {
    return this.#db
      .prepare<[string, string, number], Stored>(
        `SELECT ${COLUMNS} FROM share_entries AS e WHERE share = ? AND path > ?
           AND (file_id IS NOT NULL OR (kind = 0 AND files = 0 AND NOT EXISTS
             (SELECT 1 FROM share_entries AS c WHERE c.share = e.share AND c.parent = e.path)))
           ORDER BY path LIMIT ?`,
      )
      .all(share, after, limit)
      .map(rowOf);
  }

  leaves(entry: number, group: number): Uint8Array | undefined {
    return this.#leaves.get(entry, group)?.hashes;
  }

  /** `treeLevels` over the roots of a file's groups. */
  levels(entry: number): Uint8Array | undefined {
    return this.#levels.get(entry)?.levels;
  }
}

function isSame(known: Stored, entry: ScannedEntry): boolean {
  if (known.kind !== (entry.kind === 'file' ? 1 : 0) || known.identity !== entry.identity) {
    return false;
  }
  const times =
    known.modified_at === entry.modifiedAt || (entry.kind === 'folder' && entry.files > 0);
  return (
    times &&
    known.bytes === entry.bytes &&
    known.files === entry.files &&
    known.executable === (entry.executable ? 1 : 0) &&
    known.local === entry.local
  );
}

function rowOf(stored: Stored): EntryRow {
  return {
    id: stored.id,
    path: stored.path,
    name: stored.name,
    kind: stored.kind === 1 ? 'file' : 'folder',
    bytes: stored.bytes,
    files: stored.files,
    modifiedAt: stored.modified_at,
    executable: stored.executable === 1,
    local: stored.local ?? stored.path,
    identity: stored.identity,
    fileId: stored.file_id,
  };
}
