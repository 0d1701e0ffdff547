import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { codeOf } from '../../main/base/errors.ts';
import {
  keysPath,
  openIdentity,
  readProtection,
  rewrapIdentity,
} from '../../main/identity/open-identity.ts';
import { freshHome, keyFileOf, osProtection } from './support/homes.ts';

const home = freshHome();
const [MOUNT, UMOUNT] = ['/bin/mount', '/bin/umount'] as const;
const MODULE = JSON.stringify(
  new URL('../../main/identity/open-identity.ts', import.meta.url).href,
);

/** Makes one identity after the other, each in a folder of its own; prints the keys. */
const MAKER = `
  import { masterKeyPath, openIdentity } from ${MODULE};
  for (let n = 0; ; n += 1) {
    const home = process.argv[1] + '/' + n;
    const protection = { kind: 'key-file', path: masterKeyPath(home) };
    process.stdout.write((await openIdentity({ home, protection })).identity.key + '\\n');
  }
`;

/** Moves one identity to and fro between two protections. */
const REWRAPPER = `
  import { masterKeyPath, rewrapIdentity } from ${MODULE};
  const home = process.argv[1];
  const keyFile = { kind: 'key-file', path: masterKeyPath(home) };
  const os = { kind: 'os', key: new Uint8Array(32).fill(7) };
  for (;;) {
    await rewrapIdentity({ home, from: os, to: keyFile });
    process.stdout.write('there\\n');
    await rewrapIdentity({ home, from: keyFile, to: os });
  }
`;

/** Runs a script until it has said something, and a little longer; what it said. */
async function killedSoon(script: string, delayMs: number): Promise<string[]> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, home.path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  await once(child.stdout, 'data');
  await sleep(delayMs);
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
  return said.split('\n').slice(0, -1);
}

test('identity - killed at any moment of the first start, none is lost and none is broken', async () => {
  for (const delay of [1, 7, 23]) {
    const keys = await killedSoon(MAKER, delay);
    const folders = readdirSync(home.path).map((name) => join(home.path, name));
    expect(folders.length).toBeGreaterThanOrEqual(keys.length);
    for (const [n, folder] of folders.entries()) {
      const hadKeys = existsSync(keysPath(folder));
      const opened = await openIdentity({ home: folder, protection: keyFileOf(folder) });
      expect(opened.isNew, folder).toBe(!hadKeys);
      const name = folder.slice(home.path.length + 1);
      const printed = keys[Number(name)];
      if (printed !== undefined) expect(opened.identity.key, `${n}`).toBe(printed);
    }
  }
});

test('identity - killed while its protection changes, the old or the new one opens it', async () => {
  const { identity } = await openIdentity({ home: home.path, protection: osProtection });
  for (const delay of [0, 3, 11]) {
    await killedSoon(REWRAPPER, delay);
    const kind = await readProtection(home.path);
    const protection = kind === 'os' ? osProtection : keyFileOf(home.path);
    const after = await openIdentity({ home: home.path, protection });
    expect(after.identity.key).toBe(identity.key);
    if (kind !== 'os') {
      await rewrapIdentity({ home: home.path, from: protection, to: osProtection });
    }
  }
});

test.runIf(process.platform !== 'win32')(
  'identity - on a full disk none is made, and nothing half is left',
  async () => {
    const folder = join(home.path, 'full');
    mkdirSync(folder);
    if (mountTiny(folder)) {
      try {
        writeUntilFull(join(folder, 'ballast'));
        await expect(
          openIdentity({ home: folder, protection: keyFileOf(folder) }),
        ).rejects.toMatchObject({
          code: 'keys-unusable',
          message: expect.stringContaining('the disk is full'),
        });
        expect(readdirSync(folder)).toEqual(['ballast']);
      } finally {
        execFileSync(UMOUNT, [folder]);
      }
      return;
    }
    // Without the right to mount: a process that may not write a byte.
    console.warn('No right to mount a small disk: the full disk is simulated by a limit instead.');
    const script = `
    import { masterKeyPath, openIdentity } from ${MODULE};
    const home = process.argv[1];
    const protection = { kind: 'key-file', path: masterKeyPath(home) };
    try { await openIdentity({ home, protection }); } catch (error) { process.exit(error.code === 'keys-unusable' ? 42 : 1); }
  `;
    const { status } = spawnSync('sh', [
      '-c',
      'ulimit -f 0; exec "$@"',
      'sh',
      process.execPath,
      '--input-type=module',
      '-e',
      script,
      folder,
    ]);
    expect(status).toBe(42);
    expect(readdirSync(folder)).toEqual([]);
  },
);

function mountTiny(folder: string): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  return spawnSync(MOUNT, ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', folder]).status === 0;
}

function writeUntilFull(file: string): void {
  try {
    for (;;) writeFileSync(file, Buffer.alloc(1_024), { flag: 'a' });
  } catch (error) {
    if (codeOf(error) !== 'ENOSPC') throw error;
  }
}
