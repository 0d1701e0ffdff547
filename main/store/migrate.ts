import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { StoreError, storeErrorOf } from './errors.ts';

/** "SKRY": marks our databases in SQLite's header, so that no other program's is taken for one. */
const APPLICATION_ID = 0x53_4b_52_59;

/** What the header and the schema say; read before anything is written. */
export interface SchemaState {
  readonly version: number;
  readonly applicationId: number;
  readonly tables: number;
}

export function readSchemaState(db: Database): SchemaState {
  const count = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM sqlite_schema').get();
  return {
    version: numberPragma(db, 'user_version'),
    applicationId: numberPragma(db, 'application_id'),
    tables: count?.n ?? 0,
  };
}

/** Throws StoreError `store-foreign` or `store-newer` for a database that this version must not touch. */
export function assertOurs(state: SchemaState, known: number, file: string): void {
  const untouched = state.tables === 0 && state.version === 0;
  if (state.applicationId !== APPLICATION_ID && !(untouched && state.applicationId === 0)) {
    throw new StoreError('store-foreign', `${file} is a database, but not one of Skerry's.`);
  }
  if (state.version > known) {
    throw new StoreError(
      'store-newer',
      `The store ${file} has schema ${state.version}; this version knows schemas up to ${known}.`,
    );
  }
}

/**
 * Brings the schema from its `user_version` to the last migration, one transaction each, in order, none
 * skipped. Before each one that changes a database with content, a copy goes to `<file>.v<version>.bak`.
 * Throws StoreError; the database then stands at the last version that was reached whole.
 *
 * Foreign keys are off meanwhile and checked before each commit, so that a migration may rebuild a table
 * (sqlite.org/lang_altertable.html, section 7).
 */
export function migrate(db: Database, file: string, migrations: readonly string[]): void {
  const { version, tables } = readSchemaState(db);
  if (version >= migrations.length) return;
  if (tables > 0) assertSound(db, file);

  db.pragma('foreign_keys = OFF');
  for (let index = version; index < migrations.length; index += 1) {
    try {
      // A database that is being made has nothing to keep.
      if (tables > 0) backUp(db, file, index);
      db.transaction(() => {
        db.exec(migrations[index] ?? '');
        const dangling = db.pragma('foreign_key_check') as unknown[];
        if (dangling.length > 0) throw new Error(`${dangling.length} dangling references`);
        db.pragma(`application_id = ${APPLICATION_ID}`);
        db.pragma(`user_version = ${index + 1}`);
      }).immediate();
    } catch (error) {
      throw (
        storeErrorOf(error, file) ??
        new StoreError('store-migration', `The store ${file} did not take schema ${index + 1}.`, {
          cause: error,
        })
      );
    }
  }
}

/** A damaged database is not migrated: the damage could spread, and would replace a good backup. */
function assertSound(db: Database, file: string): void {
  const first = db.pragma('quick_check(1)', { simple: true });
  if (first !== 'ok') {
    throw new StoreError('store-corrupt', `The store ${file} is damaged: ${String(first)}.`);
  }
}

/** Under another name first: a backup that has its name is whole. */
function backUp(db: Database, file: string, version: number): void {
  if (db.memory) return;
  const target = `${file}.v${version}.bak`;
  const part = `${target}.part`;
  rmSync(part, { force: true });
  // VACUUM INTO accepts an empty file and keeps its mode.
  writeFileSync(part, '', { mode: 0o600, flag: 'wx' });
  try {
    db.prepare('VACUUM INTO ?').run(part);
    const fd = openSync(part, 'r+');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(part, target);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

function numberPragma(db: Database, name: string): number {
  return Number(db.pragma(name, { simple: true }));
}
