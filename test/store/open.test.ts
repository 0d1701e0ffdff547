import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore } from '../../main/store/open.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'skerry-store-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

test('store - is created with mode 0600, WAL and foreign keys', () => {
  const file = join(home, 'store.db');
  using store = openStore(file);
  expect(store.db.pragma('journal_mode', { simple: true })).toBe('wal');
  expect(store.db.pragma('foreign_keys', { simple: true })).toBe(1);
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
});
