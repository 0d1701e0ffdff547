import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { Skipped } from './scan/messages.ts';
import type { Audience, ContentState, Failure } from './types.ts';

/** A share as it is stored. */
export interface ShareRow {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly kind: 'file' | 'folder';
  readonly path: string;
  readonly audience: Audience;
  readonly state: ContentState;
  readonly error: Failure | null;
  /** Counts the walks; entries of an older one are gone from the disk. */
  readonly generation: number;
  /** Of the manifest; 0 before the first. */
  readonly revision: number;
  readonly files: number;
  readonly bytes: number;
  readonly hashedBytes: number;
  readonly skipped: Skipped;
  readonly createdAt: number;
}

interface Stored {
  id: string;
  name: string;
  description: string;
  kind: 'file' | 'folder';
  path: string;
  audience: string;
  state: ContentState;
  error: string | null;
  generation: number;
  revision: number;
  files: number;
  bytes: number;
  hashed_bytes: number;
  skipped_count: number;
  skipped_examples: string;
  created_at: number;
}

const StoredAudience = z.union([z.literal('everyone'), z.array(z.string())]);
const StoredFailure = z.object({ code: z.string(), message: z.string(), hint: z.string() });
const StoredExamples = z.array(z.string());

const COLUMNS = `id, name, description, kind, path, audience, state, error, generation, revision,
  files, bytes, hashed_bytes, skipped_count, skipped_examples, created_at`;

/** Rows deleted at once when a share's entries go: a few milliseconds. */
const DELETE_SLICE = 2_000;

/** The shares of this peer in the store. */
export class ShareRepository {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  all(): ShareRow[] {
    return this.#db
      .prepare<[], Stored>(
        `SELECT ${COLUMNS} FROM shares WHERE removed = 0 ORDER BY created_at, id`,
      )
      .all()
      .map(rowOf);
  }

  insert(row: ShareRow): void {
    this.#db
      .prepare(
        `INSERT INTO shares (id, name, description, kind, path, audience, state, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        row.id,
        row.name,
        row.description,
        row.kind,
        row.path,
        JSON.stringify(row.audience),
        row.state,
        row.createdAt,
      );
  }

  /** Writes everything that changes in a share's life but its manifest. */
  update(row: ShareRow): void {
    this.#db
      .prepare(
        `UPDATE shares SET state = ?, error = ?, generation = ?, files = ?, bytes = ?, hashed_bytes = ?,
           skipped_count = ?, skipped_examples = ? WHERE id = ?`,
      )
      .run(
        row.state,
        row.error === null ? null : JSON.stringify(row.error),
        row.generation,
        row.files,
        row.bytes,
        row.hashedBytes,
        row.skipped.count,
        JSON.stringify(row.skipped.examples),
        row.id,
      );
  }

  /** The signed root of the manifest, or undefined before there is one. */
  manifest(id: string): Uint8Array | undefined {
    const row = this.#db
      .prepare<[string], { manifest: Uint8Array | null }>(
        'SELECT manifest FROM shares WHERE id = ? AND removed = 0',
      )
      .get(id);
    return row?.manifest ?? undefined;
  }

  page(id: string, revision: number, index: number): Uint8Array | undefined {
    return this.#db
      .prepare<[string, number, number], { bytes: Uint8Array }>(
        'SELECT bytes FROM share_pages WHERE share = ? AND revision = ? AND idx = ?',
      )
      .get(id, revision, index)?.bytes;
  }

  putPage(id: string, revision: number, index: number, bytes: Uint8Array): void {
    this.#db
      .prepare(
        'INSERT OR REPLACE INTO share_pages (share, revision, idx, bytes) VALUES (?, ?, ?, ?)',
      )
      .run(id, revision, index, bytes);
  }

  /** From now on this is the manifest. Its pages were put before. */
  putManifest(id: string, revision: number, root: Uint8Array): void {
    this.#db
      .prepare('UPDATE shares SET revision = ?, manifest = ? WHERE id = ?')
      .run(revision, root, id);
  }

  /** Deletes some pages of other revisions. Returns false when none were left. */
  dropOldPages(id: string, revision: number): boolean {
    return (
      this.#db
        .prepare(
          `DELETE FROM share_pages WHERE id IN
             (SELECT id FROM share_pages WHERE share = ? AND revision <> ? LIMIT 20)`,
        )
        .run(id, revision).changes > 0
    );
  }

  /** The share is gone from now on; its rows are left for `sweep`. */
  markRemoved(id: string): void {
    this.#db.prepare('UPDATE shares SET removed = 1, manifest = NULL WHERE id = ?').run(id);
  }

  removed(): string[] {
    return this.#db
      .prepare<[], { id: string }>('SELECT id FROM shares WHERE removed = 1')
      .all()
      .map((row) => row.id);
  }

  /** Deletes some of what a removed share left. Returns false when nothing was left. */
  sweep(id: string): boolean {
    if (this.dropOldPages(id, -1)) return true;
    const deleted = this.#db
      .prepare(
        `DELETE FROM share_entries WHERE id IN (SELECT id FROM share_entries WHERE share = ? LIMIT ?)`,
      )
      .run(id, DELETE_SLICE).changes;
    if (deleted > 0) return true;
    this.#db.prepare('DELETE FROM shares WHERE id = ? AND removed = 1').run(id);
    return false;
  }
}

function rowOf(stored: Stored): ShareRow {
  return {
    id: stored.id,
    name: stored.name,
    description: stored.description,
    kind: stored.kind,
    path: stored.path,
    audience: StoredAudience.parse(JSON.parse(stored.audience)),
    state: stored.state,
    error: stored.error === null ? null : StoredFailure.parse(JSON.parse(stored.error)),
    generation: stored.generation,
    revision: stored.revision,
    files: stored.files,
    bytes: stored.bytes,
    hashedBytes: stored.hashed_bytes,
    skipped: {
      count: stored.skipped_count,
      examples: StoredExamples.parse(JSON.parse(stored.skipped_examples)),
    },
    createdAt: stored.created_at,
  };
}
