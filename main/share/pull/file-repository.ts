import type { Database, Statement } from 'better-sqlite3';
import type { ManifestEntry } from '../manifest.ts';
import type { NameTable } from '../path-mapper.ts';
import { BITMAP_BYTES } from './bitmap.ts';

/** Where a file of a download stands. */
export const FileState = { todo: 0, begun: 1, done: 2, changed: 3 } as const;
export type FileState = (typeof FileState)[keyof typeof FileState];

/** A file of a download, or a folder with nothing inside. */
export interface FileRow {
  readonly index: number;
  /** In the share. */
  readonly path: string;
  /** Below the target, `/`-separated; the target itself is the file of a download of one file. */
  readonly local: string;
  readonly kind: 'file' | 'folder';
  readonly size: number;
  readonly modifiedAt: number;
  readonly executable: boolean;
  /** 32 bytes; empty for folders. */
  readonly id: Uint8Array;
  /** How often the file was found changed at the source. */
  readonly attempts: number;
}

export interface GroupRow {
  readonly group: number;
  readonly leaves: Uint8Array;
  readonly verified: Uint8Array;
}

interface Stored {
  idx: number;
  path: string;
  local: string;
  kind: number;
  size: number;
  modified_at: number;
  executable: number;
  file_id: Uint8Array | null;
  attempts: number;
}

const COLUMNS = 'idx, path, local, kind, size, modified_at, executable, file_id, attempts';
const NO_ID = new Uint8Array();
const DELETE_SLICE = 2_000;

/** The files of one download in the store, and the proofs and chunks it has of those that are begun. */
export class FileRepository {
  readonly #db: Database;
  readonly #transfer: string;
  readonly #insert: Statement<(string | number | Uint8Array | null)[]>;
  readonly #isFile: Statement<[string, string]>;
  readonly #slice: Statement<[string, number, number, number], Stored>;
  readonly #setState: Statement<[number, string, number]>;
  readonly #group: Statement<[string, number, number], GroupRow>;
  readonly #groups: Statement<[string, number, number], GroupRow>;
  readonly #putGroup: Statement<[string, number, number, Uint8Array, Uint8Array]>;
  readonly #putVerified: Statement<[Uint8Array, string, number, number]>;
  readonly #dropGroups: Statement<[string, number]>;

  constructor(db: Database, transfer: string) {
    this.#db = db;
    this.#transfer = transfer;
    this.#insert = db.prepare(
      `INSERT INTO transfer_files (transfer, idx, path, local, kind, size, modified_at, executable, file_id)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#isFile = db.prepare(
      'SELECT 1 FROM transfer_files WHERE transfer = ? AND path = ? AND kind = 1',
    );
    // The second condition lets SQLite use the partial index.
    this.#slice = db.prepare(
      `SELECT ${COLUMNS} FROM transfer_files WHERE transfer = ? AND state = ? AND state <> 2 AND idx > ?
         ORDER BY idx LIMIT ?`,
    );
    this.#setState = db.prepare(
      'UPDATE transfer_files SET state = ? WHERE transfer = ? AND idx = ?',
    );
    this.#group = db.prepare(
      `SELECT grp AS "group", leaves, verified FROM transfer_groups WHERE transfer = ? AND idx = ? AND grp = ?`,
    );
    this.#groups = db.prepare(
      `SELECT grp AS "group", leaves, verified FROM transfer_groups WHERE transfer = ? AND idx = ? AND grp > ?
         ORDER BY grp LIMIT 1`,
    );
    this.#putGroup = db.prepare(
      `INSERT OR REPLACE INTO transfer_groups (transfer, idx, grp, leaves, verified) VALUES (?, ?, ?, ?, ?)`,
    );
    this.#putVerified = db.prepare(
      'UPDATE transfer_groups SET verified = ? WHERE transfer = ? AND idx = ? AND grp = ?',
    );
    this.#dropGroups = db.prepare('DELETE FROM transfer_groups WHERE transfer = ? AND idx = ?');
  }

  /** Runs in one transaction. */
  transaction<T>(work: () => T): T {
    return this.#db.transaction(work)();
  }

  add(index: number, entry: ManifestEntry, local: string): void {
    const isFile = entry.kind === 'file';
    this.#insert.run(
      this.#transfer,
      index,
      entry.path,
      local,
      isFile ? 1 : 0,
      isFile ? entry.size : 0,
      entry.modifiedAt,
      isFile && entry.executable ? 1 : 0,
      isFile ? entry.id : null,
    );
  }

  /** Whether a path of the share is a file of this download. */
  isFile(path: string): boolean {
    return this.#isFile.get(this.#transfer, path) !== undefined;
  }

  /** The next files after an index that stand there, in order. */
  slice(state: Exclude<FileState, 2>, after: number, limit: number): FileRow[] {
    return this.#slice.all(this.#transfer, state, after, limit).map(rowOf);
  }

  setState(index: number, state: FileState): void {
    this.#setState.run(state, this.#transfer, index);
  }

  /** The file is whole and has its name. */
  done(index: number): void {
    this.setState(index, FileState.done);
    this.#dropGroups.run(this.#transfer, index);
  }

  /** Starts a file over, as the source has it now. */
  renew(index: number, entry: Extract<ManifestEntry, { kind: 'file' }>): void {
    this.#dropGroups.run(this.#transfer, index);
    this.#db
      .prepare(
        `UPDATE transfer_files SET size = ?, modified_at = ?, executable = ?, file_id = ?, state = 0,
           attempts = attempts + 1 WHERE transfer = ? AND idx = ?`,
      )
      .run(entry.size, entry.modifiedAt, entry.executable ? 1 : 0, entry.id, this.#transfer, index);
  }

  group(index: number, group: number): GroupRow | undefined {
    return this.#group.get(this.#transfer, index, group);
  }

  /** The groups of a file that have a proof, one after the other, so that memory stays small. */
  *groups(index: number): Generator<GroupRow> {
    let after = -1;
    for (;;) {
      const row = this.#groups.get(this.#transfer, index, after);
      if (row === undefined) return;
      yield row;
      after = row.group;
    }
  }

  putGroup(index: number, group: number, leaves: Uint8Array): void {
    this.#putGroup.run(this.#transfer, index, group, leaves, new Uint8Array(BITMAP_BYTES));
  }

  putVerified(index: number, group: number, bits: Uint8Array): void {
    this.#putVerified.run(bits, this.#transfer, index, group);
  }

  dropGroups(index: number): void {
    this.#dropGroups.run(this.#transfer, index);
  }

  names(): NameTable {
    const put = this.#db.prepare(
      'INSERT OR IGNORE INTO transfer_names (transfer, parent, name, part) VALUES (?, ?, ?, ?)',
    );
    const get = this.#db.prepare<[string, string, string], { part: string }>(
      'SELECT part FROM transfer_names WHERE transfer = ? AND parent = ? AND name = ?',
    );
    return {
      claim: (parent, name, part) => {
        put.run(this.#transfer, parent, name, part);
        return get.get(this.#transfer, parent, name)?.part ?? part;
      },
    };
  }

  /** Deletes some of what there is of this download but its own row. Returns false when nothing was left. */
  sweep(): boolean {
    for (const table of ['transfer_groups', 'transfer_files', 'transfer_names']) {
      const key = table === 'transfer_names' ? 'parent' : 'idx';
      const last = this.#db
        .prepare<[string, number], { key: string | number }>(
          `SELECT ${key} AS key FROM ${table} WHERE transfer = ? ORDER BY ${key} LIMIT 1 OFFSET ?`,
        )
        .get(this.#transfer, DELETE_SLICE);
      const deleted =
        last === undefined
          ? this.#db.prepare(`DELETE FROM ${table} WHERE transfer = ?`).run(this.#transfer)
          : this.#db
              .prepare(`DELETE FROM ${table} WHERE transfer = ? AND ${key} <= ?`)
              .run(this.#transfer, last.key);
      if (deleted.changes > 0) return true;
    }
    return false;
  }
}

function rowOf(stored: Stored): FileRow {
  return {
    index: stored.idx,
    path: stored.path,
    local: stored.local,
    kind: stored.kind === 1 ? 'file' : 'folder',
    size: stored.size,
    modifiedAt: stored.modified_at,
    executable: stored.executable === 1,
    id: stored.file_id ?? NO_ID,
    attempts: stored.attempts,
  };
}
