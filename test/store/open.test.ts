import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StoreError } from '../../main/store/errors.ts';
import { migrations } from '../../main/store/migrations/index.ts';
import { openStore } from '../../main/store/open.ts';

let home: string;
let file: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'skerry-store-'));
  file = join(home, 'store.db');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const NOTES = 'CREATE TABLE notes (text TEXT) STRICT;';

function codeOfOpening(path: string, options?: Parameters<typeof openStore>[1]): string {
  try {
    openStore(path, options).close();
  } catch (error) {
    expect(error).toBeInstanceOf(StoreError);
    expect((error as StoreError).hint).not.toBe('');
    return (error as StoreError).code;
  }
  return 'opened';
}

/** Databases and write-ahead logs with content; not the index and the empty log that any reader makes. */
function digests(): Record<string, string> {
  const names = readdirSync(home).filter(
    (name) => !name.endsWith('-shm') && statSync(join(home, name)).size > 0,
  );
  return Object.fromEntries(
    names.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(home, name)))
        .digest('hex'),
    ]),
  );
}

test('store - is created with mode 0600, WAL, foreign keys and all migrations', () => {
  const before = process.umask(0);
  try {
    using store = openStore(file);
    store.db.prepare('SELECT 1').get();
    expect(store.db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(store.db.pragma('foreign_keys', { simple: true })).toBe(1);
    expect(store.db.pragma('synchronous', { simple: true })).toBe(1);
    expect(store.db.pragma('user_version', { simple: true })).toBe(migrations.length);
    const modes = readdirSync(home).map((name) => statSync(join(home, name)).mode & 0o777);
    if (process.platform !== 'win32') expect(new Set(modes)).toEqual(new Set([0o600]));
  } finally {
    process.umask(before);
  }
});

test('store - takes away other users rights on a file that had them', () => {
  openStore(file).close();
  chmodSync(file, 0o644);
  openStore(file).close();
  expect(statSync(file).mode & 0o077).toBe(process.platform === 'win32' ? 0o044 : 0);
});

test('store - keeps what was written over close and open, and close is idempotent', () => {
  const first = openStore(file, { migrations: [NOTES] });
  first.db.exec(`INSERT INTO notes VALUES ('kept')`);
  first.close();
  first.close();
  using second = openStore(file, { migrations: [NOTES] });
  expect(second.db.prepare('SELECT text FROM notes').all()).toEqual([{ text: 'kept' }]);
});

test('store - lives in memory for tests', () => {
  using store = openStore(':memory:');
  expect(store.db.memory).toBe(true);
  expect(store.db.pragma('user_version', { simple: true })).toBe(migrations.length);
});

test('store - takes an empty file, left by a kill right after its creation, for a new one', () => {
  writeFileSync(file, '');
  expect(codeOfOpening(file)).toBe('opened');
});

test('store - a newer schema is refused and nothing is touched', () => {
  openStore(file, { migrations: [NOTES, '', ''] }).close();
  chmodSync(file, 0o640);
  const before = digests();
  expect(codeOfOpening(file, { migrations: [NOTES, ''] })).toBe('store-newer');
  expect(digests()).toEqual(before);
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o640);
});

test('store - a newer schema that stands in the write-ahead log only is refused, log untouched', () => {
  const live = openStore(join(home, 'live.db'), { migrations: [NOTES, ''] });
  live.db.exec(`INSERT INTO notes VALUES ('in the log')`);
  live.db.pragma('user_version = 9');
  copyFileSync(join(home, 'live.db'), file);
  copyFileSync(join(home, 'live.db-wal'), `${file}-wal`);
  live.close();
  const before = digests();
  expect(codeOfOpening(file)).toBe('store-newer');
  expect(digests()).toEqual(before);
});

test('store - a file that is no database is refused and not touched', () => {
  writeFileSync(file, 'this is a text about islands\n'.repeat(500));
  const before = digests();
  expect(codeOfOpening(file)).toBe('store-corrupt');
  expect(digests()).toEqual(before);
});

test('store - a file cut at any place is refused and not touched', () => {
  openStore(file).close();
  const whole = readFileSync(file);
  for (const length of [1, 15, 50, 99, 100, 512, 4_095, 4_096, whole.length - 4_096]) {
    writeFileSync(file, whole);
    truncateSync(file, length);
    const before = digests();
    expect(codeOfOpening(file), `cut to ${length} bytes`).toBe('store-corrupt');
    expect(digests()).toEqual(before);
  }
});

test('store - a damaged page is found before a migration could build on it', () => {
  const first = openStore(file, { migrations: [NOTES] });
  const insert = first.db.prepare('INSERT INTO notes VALUES (?)');
  for (let row = 0; row < 500; row += 1) insert.run('x'.repeat(100));
  first.close();
  const bytes = readFileSync(file);
  bytes.fill(0xa5, 3 * 4_096, 3 * 4_096 + 2_000);
  writeFileSync(file, bytes);
  const before = digests();
  expect(codeOfOpening(file, { migrations: [NOTES, 'ALTER TABLE notes ADD more TEXT;'] })).toBe(
    'store-corrupt',
  );
  expect(digests()).toEqual(before);
});

test('store - the database of another program is refused and not touched', () => {
  const other = new Database(file);
  other.exec('CREATE TABLE bookmarks (url TEXT)');
  other.close();
  const before = digests();
  expect(codeOfOpening(file)).toBe('store-foreign');
  expect(digests()).toEqual(before);
});

test('store - a folder that is not there, or a folder in place of the file, is a clear error', () => {
  expect(codeOfOpening(join(home, 'missing', 'store.db'))).toBe('store-unusable');
  expect(codeOfOpening(home)).toBe('store-unusable');
});
