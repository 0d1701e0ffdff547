import { chmodSync, closeSync, existsSync, openSync, statSync } from 'node:fs';
import DatabaseConstructor, { type Database } from 'better-sqlite3';
import { StoreError, storeErrorOf } from './errors.ts';
import { assertOurs, migrate, readSchemaState } from './migrate.ts';
import { migrations as allMigrations } from './migrations/index.ts';
import { createTransactions, type Transactions } from './transactions.ts';

/** How long a statement waits for another connection's lock, milliseconds (backup tools, the `sqlite3` shell). */
const BUSY_TIMEOUT_MS = 5_000;

/** Bytes; no database is smaller (sqlite.org/fileformat.html, section 1.2). */
const SMALLEST_PAGE = 512;

/** The peer's one database. Parts keep their own tables in it and prepare their own statements. */
export interface Store extends Transactions, Disposable {
  readonly db: Database;
  /** Ends it and folds the write-ahead log into the file. Idempotent. */
  close(): void;
}

export interface OpenStoreOptions {
  /** In place of all migrations; for tests. */
  readonly migrations?: readonly string[];
}

/**
 * Opens the store, creates it when absent (mode 0600; its folder must exist), and migrates it.
 *
 * WAL with `synchronous = NORMAL`: a crash of the process loses nothing, a crash of the machine at most
 * the last moments, never the order or wholeness of transactions. One process a store: see home-lock.ts.
 *
 * @param file path, or `:memory:`
 * @throws StoreError `store-newer`, `store-foreign`, `store-corrupt` (file untouched), `store-migration`,
 *   `store-unusable`, `store-full`
 */
export function openStore(file: string, options: OpenStoreOptions = {}): Store {
  const migrations = options.migrations ?? allMigrations;
  let db: Database | undefined;
  try {
    prepareFile(file, migrations.length);
    db = new DatabaseConstructor(file, { timeout: BUSY_TIMEOUT_MS });
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    db.pragma('trusted_schema = OFF');
    migrate(db, file, migrations);
    db.pragma('foreign_keys = ON');
  } catch (error) {
    db?.close();
    throw (
      storeErrorOf(error, file) ??
      new StoreError('store-unusable', `The store ${file} cannot be opened.`, { cause: error })
    );
  }

  const opened = db;
  return {
    db: opened,
    ...createTransactions(opened, file),
    close: () => opened.close(),
    [Symbol.dispose]: () => opened.close(),
  };
}

/**
 * Creates an absent file with its mode, or looks into a present one read-only: a file that must not be
 * touched is recognised before SQLite could roll its log forward or write a header.
 */
function prepareFile(file: string, known: number): void {
  if (file === ':memory:') return;
  if (!existsSync(file)) {
    closeSync(openSync(file, 'ax', 0o600));
    return;
  }
  const { size } = statSync(file);
  if (size === 0) return;
  // SQLite would take the remains of a cut header for an empty database.
  if (size < SMALLEST_PAGE) {
    throw new StoreError('store-corrupt', `The store ${file} was cut to ${size} bytes.`);
  }
  const peek = new DatabaseConstructor(file, { readonly: true, timeout: BUSY_TIMEOUT_MS });
  try {
    assertOurs(readSchemaState(peek), known, file);
  } finally {
    peek.close();
  }
  if (process.platform !== 'win32') chmodSync(file, 0o600);
}
