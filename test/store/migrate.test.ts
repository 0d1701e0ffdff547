import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrations } from '../../main/store/migrations/index.ts';
import { openStore, type Store } from '../../main/store/open.ts';

let home: string;
let file: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'skerry-migrate-'));
  file = join(home, 'store.db');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const NOTES = 'CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;';
const TAGS =
  'CREATE TABLE tags (note INTEGER NOT NULL REFERENCES notes (id), tag TEXT NOT NULL) STRICT;';
const REBUILD = `
  CREATE TABLE notes2 (id INTEGER PRIMARY KEY, text TEXT NOT NULL, at INTEGER) STRICT;
  INSERT INTO notes2 SELECT id, text, 7 FROM notes;
  DROP TABLE notes;
  ALTER TABLE notes2 RENAME TO notes;`;

/** Rows as each released migration leaves them: one entry for each migration, in their order. */
const SAMPLES: readonly string[] = [
  `INSERT INTO contacts (key, name, state, ways, added_at, last_seen_at) VALUES ('A${'B'.repeat(55)}', 'Ada', 'accepted',
     '[{"kind":"udp","host":"192.0.2.1","port":4711}]', 1700000000000, NULL);
   INSERT INTO invites VALUES (x'000102030405060708090a0b0c0d0e0f', 1700000000000);
   INSERT INTO received_invites VALUES ('A${'C'.repeat(55)}', x'000102030405060708090a0b0c0d0e0f',
     x'aabb', 'Bob', '[]', 1700000000000);`,
  `INSERT INTO shares (id, name, kind, path, audience, state, created_at)
     VALUES ('s1', 'Holiday', 'folder', '/home/ada/holiday', '"everyone"', 'ready', 1700000000000);`,
  `INSERT INTO services VALUES ('web', '127.0.0.1:8080', '["A${'B'.repeat(55)}"]', 1700000000000);
   INSERT INTO forwards VALUES ('f1', 'A${'B'.repeat(55)}', 'web', '127.0.0.1:9000', 0, 1700000000000);`,
  "UPDATE contacts SET relay = 1 WHERE name = 'Ada';",
];

function schema(store: Store): unknown[] {
  return store.db.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').all();
}

/** Every row of every table. */
function content(store: Store): Record<string, Record<string, unknown>[]> {
  const tables = store.db
    .prepare<[], { name: string }>(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`,
    )
    .all();
  return Object.fromEntries(
    tables.map(({ name }) => [
      name,
      store.db.prepare<[], Record<string, unknown>>(`SELECT * FROM "${name}"`).all(),
    ]),
  );
}

test('migrations - each has sample rows in this test', () => {
  expect(SAMPLES).toHaveLength(migrations.length);
});

test('migrations - a store of every earlier schema comes up to the last one with its rows', () => {
  using fresh = openStore(':memory:');
  for (let version = 0; version <= migrations.length; version += 1) {
    const path = join(home, `from-${version}.db`);
    const old = openStore(path, { migrations: migrations.slice(0, version) });
    for (const sample of SAMPLES.slice(0, version)) old.db.exec(sample);
    const before = content(old);
    old.close();

    using upgraded = openStore(path);
    expect(schema(upgraded)).toEqual(schema(fresh));
    expect(upgraded.db.pragma('integrity_check', { simple: true })).toBe('ok');
    const after = content(upgraded);
    for (const [table, rows] of Object.entries(before)) {
      expect(after[table], `rows of ${table} from schema ${version}`).toEqual(
        rows.map((row) => expect.objectContaining(row) as unknown),
      );
    }
  }
});

test('migrations - each runs once, in order, and leaves a backup of what was before', () => {
  const first = openStore(file, { migrations: [NOTES] });
  first.db.exec(`INSERT INTO notes VALUES (1, 'kept')`);
  first.close();
  expect(readdirSync(home)).toEqual(['store.db']);

  openStore(file, { migrations: [NOTES, TAGS, REBUILD] }).close();
  using again = openStore(file, { migrations: [NOTES, TAGS, REBUILD] });
  expect(content(again)).toEqual({ notes: [{ id: 1, text: 'kept', at: 7 }], tags: [] });

  const backups = readdirSync(home).filter((name) => name.endsWith('.bak'));
  expect(backups).toEqual(['store.db.v1.bak', 'store.db.v2.bak']);
  for (const [index, name] of backups.entries()) {
    if (process.platform !== 'win32') {
      expect(statSync(join(home, name)).mode & 0o777).toBe(0o600);
    }
    const known = [NOTES, TAGS].slice(0, index + 1);
    using backup = openStore(join(home, name), { migrations: known });
    expect(backup.db.pragma('user_version', { simple: true })).toBe(index + 1);
    expect(content(backup)['notes']).toEqual([{ id: 1, text: 'kept' }]);
  }
});

test('migrations - one that fails leaves the store at the version before it, with a backup', () => {
  const first = openStore(file, { migrations: [NOTES] });
  first.db.exec(`INSERT INTO notes VALUES (1, 'kept')`);
  first.close();
  const broken = `DELETE FROM notes; CREATE TABLE half (x INTEGER) STRICT; INSERT INTO nowhere VALUES (1);`;
  expect(() => openStore(file, { migrations: [NOTES, TAGS, broken] })).toThrow(
    expect.objectContaining({ code: 'store-migration' }),
  );
  using after = openStore(file, { migrations: [NOTES, TAGS] });
  expect(after.db.pragma('user_version', { simple: true })).toBe(2);
  expect(content(after)).toEqual({ notes: [{ id: 1, text: 'kept' }], tags: [] });
  expect(readdirSync(home)).toContain('store.db.v2.bak');
});

test('migrations - one that leaves dangling references is undone', () => {
  const first = openStore(file, { migrations: [NOTES, TAGS] });
  first.db.exec(`INSERT INTO notes VALUES (1, 'kept'); INSERT INTO tags VALUES (1, 'sea')`);
  first.close();
  expect(() => openStore(file, { migrations: [NOTES, TAGS, 'DELETE FROM notes;'] })).toThrow(
    expect.objectContaining({ code: 'store-migration' }),
  );
  using after = openStore(file, { migrations: [NOTES, TAGS] });
  expect(content(after)['notes']).toEqual([{ id: 1, text: 'kept' }]);
});

test('migrations - foreign keys hold again after a migration that rebuilt a table', () => {
  openStore(file, { migrations: [NOTES, TAGS] }).close();
  using store = openStore(file, { migrations: [NOTES, TAGS, REBUILD] });
  expect(() => store.db.exec(`INSERT INTO tags VALUES (99, 'nowhere')`)).toThrow(/FOREIGN KEY/);
});

test('migrations - a backup that a kill cut short is made anew', () => {
  const first = openStore(file, { migrations: [NOTES] });
  first.db.exec(`INSERT INTO notes VALUES (1, 'kept')`);
  first.close();
  writeFileSync(`${file}.v1.bak.part`, 'half a backup');
  openStore(file, { migrations: [NOTES, TAGS] }).close();
  expect(readdirSync(home).sort()).toEqual(['store.db', 'store.db.v1.bak']);
  const backup = new Database(`${file}.v1.bak`, { readonly: true });
  expect(backup.prepare('SELECT text FROM notes').pluck().get()).toBe('kept');
  backup.close();
});
