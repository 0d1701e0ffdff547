import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { assertNotPrivate } from '../../main/share/private-folders.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'skerry-private-'));
  for (const folder of ['user/home/run', 'user/photos', 'user/home2', 'user/..files']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  symlinkSync(join(root, 'user/home'), join(root, 'user/link'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const check = (path: string): Promise<void> =>
  assertNotPrivate(join(root, path), [join(root, 'user/home')]);

test.each(['user/home', 'user/home/run', 'user', '.', 'user/link', 'user/link/run'])(
  'private folders - %s is refused',
  async (path) => {
    await expect(check(path)).rejects.toMatchObject({ code: 'path-private' });
  },
);

test.each(['user/photos', 'user/home2', 'user/..files'])(
  'private folders - %s beside them is free',
  async (path) => {
    await expect(check(path)).resolves.toBeUndefined();
  },
);
