import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { Failure, TransferState } from '../types.ts';

/** A download as it is stored. */
export interface TransferRow {
  readonly id: string;
  readonly peer: string;
  readonly share: string;
  readonly shareName: string;
  readonly path: string;
  /** The folder it was asked into; absolute. */
  readonly into: string;
  /** The file or folder it becomes. Certain once it is planned. */
  readonly target: string;
  readonly kind: 'file' | 'folder';
  readonly state: TransferState;
  readonly error: Failure | null;
  /** The list of files is whole and the target is claimed. */
  readonly planned: boolean;
  /** Files below this index may have been asked for by this or an earlier run. */
  readonly issued: number;
  readonly filesDone: number;
  readonly filesTotal: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly chunksReceived: number;
  readonly chunksRefetched: number;
  readonly startedAt: number;
  readonly finishedAt: number | null;
}

interface Stored {
  id: string;
  peer: string;
  share: string;
  share_name: string;
  path: string;
  into_folder: string;
  target: string;
  kind: 'file' | 'folder';
  state: string;
  error: string | null;
  planned: number;
  issued: number;
  files_done: number;
  files_total: number;
  bytes_done: number;
  bytes_total: number;
  chunks_received: number;
  chunks_refetched: number;
  started_at: number;
  finished_at: number | null;
}

const StoredState = z.enum([
  'waiting',
  'hashing',
  'verifying',
  'transferring',
  'done',
  'failed',
  'cancelled',
]);
const StoredFailure = z.object({ code: z.string(), message: z.string(), hint: z.string() });

export class TransferRepository {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  all(): TransferRow[] {
    return this.#db
      .prepare<[], Stored>('SELECT * FROM transfers WHERE removed = 0 ORDER BY started_at, id')
      .all()
      .map(rowOf);
  }

  insert(row: TransferRow): void {
    const { id, peer, share, shareName, path, into, target, kind, state, startedAt } = row;
    this.#db
      .prepare(
        `INSERT INTO transfers (id, peer, share, share_name, path, into_folder, target, kind, state, files_total,
           bytes_total, started_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        id,
        peer,
        share,
        shareName,
        path,
        into,
        target,
        kind,
        state,
        row.filesTotal,
        row.bytesTotal,
        startedAt,
      );
  }

  update(row: TransferRow): void {
    this.#db
      .prepare(
        `UPDATE transfers SET target = ?, kind = ?, state = ?, error = ?, planned = ?, issued = ?, files_done = ?,
           files_total = ?, bytes_done = ?, bytes_total = ?, chunks_received = ?, chunks_refetched = ?,
           finished_at = ? WHERE id = ?`,
      )
      .run(
        row.target,
        row.kind,
        row.state,
        row.error === null ? null : JSON.stringify(row.error),
        row.planned ? 1 : 0,
        row.issued,
        row.filesDone,
        row.filesTotal,
        row.bytesDone,
        row.bytesTotal,
        row.chunksReceived,
        row.chunksRefetched,
        row.finishedAt,
        row.id,
      );
  }

  markRemoved(id: string): void {
    this.#db.prepare('UPDATE transfers SET removed = 1 WHERE id = ?').run(id);
  }

  /** Forgotten downloads whose rows are still there, with where their parts are. */
  removed(): { id: string; into: string }[] {
    return this.#db
      .prepare<[], { id: string; into: string }>(
        'SELECT id, into_folder AS "into" FROM transfers WHERE removed = 1',
      )
      .all();
  }

  /** Deletes the row of a forgotten download; its files are gone already. */
  delete(id: string): void {
    this.#db.prepare('DELETE FROM transfers WHERE id = ? AND removed = 1').run(id);
  }
}

function rowOf(stored: Stored): TransferRow {
  return {
    id: stored.id,
    peer: stored.peer,
    share: stored.share,
    shareName: stored.share_name,
    path: stored.path,
    into: stored.into_folder,
    target: stored.target,
    kind: stored.kind,
    state: StoredState.parse(stored.state),
    error: stored.error === null ? null : StoredFailure.parse(JSON.parse(stored.error)),
    planned: stored.planned === 1,
    issued: stored.issued,
    filesDone: stored.files_done,
    filesTotal: stored.files_total,
    bytesDone: stored.bytes_done,
    bytesTotal: stored.bytes_total,
    chunksReceived: stored.chunks_received,
    chunksRefetched: stored.chunks_refetched,
    startedAt: stored.started_at,
    finishedAt: stored.finished_at,
  };
}
