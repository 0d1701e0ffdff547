import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore, type Store } from '../../main/store/open.ts';

let home: string;
let store: Store;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'skerry-tx-'));
  store = openStore(join(home, 'store.db'), {
    migrations: ['CREATE TABLE notes (text TEXT NOT NULL) STRICT;'],
  });
});
afterEach(() => {
  store.close();
  rmSync(home, { recursive: true, force: true });
});

const add = (text: string) => store.db.prepare('INSERT INTO notes VALUES (?)').run(text);
const notes = () => store.db.prepare('SELECT text FROM notes').pluck().all();

test('transaction - keeps all of its changes or none', () => {
  expect(store.transaction(() => add('one').changes)).toBe(1);
  expect(() =>
    store.transaction(() => {
      add('two');
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(notes()).toEqual(['one']);
});

test('transaction - an inner one that fails is undone alone', () => {
  store.transaction(() => {
    add('outer');
    expect(() =>
      store.transaction(() => {
        add('inner');
        throw new Error('no');
      }),
    ).toThrow('no');
  });
  expect(notes()).toEqual(['outer']);
});

test('transaction - listeners hear of kept changes, in order, after the outermost commit', () => {
  const heard: string[] = [];
  const tell = (text: string) =>
    store.afterCommit(() => heard.push(`${text} (${notes().length} kept)`));
  store.transaction(() => {
    add('a');
    tell('a');
    store.transaction(() => {
      add('b');
      tell('b');
    });
    expect(() =>
      store.transaction(() => {
        tell('undone');
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(heard).toEqual([]);
  });
  expect(heard).toEqual(['a (2 kept)', 'b (2 kept)']);
  expect(() =>
    store.transaction(() => {
      tell('never');
      throw new Error('no');
    }),
  ).toThrow('no');
  tell('at once');
  expect(heard).toEqual(['a (2 kept)', 'b (2 kept)', 'at once (2 kept)']);
});

test('transaction - an async function is refused and undone', () => {
  expect(() =>
    store.transaction(async () => {
      add('later');
      await Promise.resolve();
    }),
  ).toThrow(TypeError);
  expect(notes()).toEqual([]);
});

test('transaction - a full disk is a clear error and what was kept stays', () => {
  add('before');
  const pages = Number(store.db.pragma('page_count', { simple: true }));
  store.db.pragma(`max_page_count = ${pages}`);
  expect(() =>
    store.transaction(() => {
      for (let row = 0; row < 100; row += 1) add('x'.repeat(1_000));
    }),
  ).toThrow(expect.objectContaining({ code: 'store-full' }));
  expect(notes()).toEqual(['before']);
});

test('transaction - another connection sees nothing of one that runs', () => {
  const other = new Database(join(home, 'store.db'));
  store.transaction(() => {
    add('unseen');
    expect(other.prepare('SELECT count(*) FROM notes').pluck().get()).toBe(0);
  });
  expect(other.prepare('SELECT count(*) FROM notes').pluck().get()).toBe(1);
  other.close();
});
