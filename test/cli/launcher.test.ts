import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Running, start, temporaryFolder } from './support/cli.ts';

const bin = fileURLToPath(new URL('../../bin/', import.meta.url));

/** Tells how it was started; waits for SIGTERM when asked to, then ends with 7 or by the signal. */
const PROGRAM = `
const [mode] = process.argv.slice(2);
if (mode === 'wait') { setInterval(() => {}, 1000); process.on('SIGTERM', () => process.exit(7)); }
console.log(JSON.stringify({ pid: process.pid, node: process.execPath, cwd: process.cwd(), words: process.argv.slice(2) }));
if (mode === 'killed') process.kill(process.pid, 'SIGKILL');
if (mode === 'fail') process.exit(5);
`;

interface Told {
  readonly pid: number;
  readonly node: string;
  readonly cwd: string;
  readonly words: string[];
}

/** A package as npm lays it out, with a program that tells how it was started, in a path with spaces. */
function layPackage(): { root: string; launcher: string } {
  const root = join(realpathSync(temporaryFolder()), 'some where', 'node_modules', 'skerry');
  for (const folder of ['bin', 'dist/main/cli', 'node_modules/node/bin']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  for (const file of ['skerry', 'skerry.cjs'])
    copyFileSync(join(bin, file), join(root, 'bin', file));
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'dist/main/cli/main.js'), PROGRAM);
  symlinkSync(process.execPath, join(root, 'node_modules/node/bin/node'));
  return { root, launcher: join(root, 'bin', 'skerry') };
}

/** A `node` that says it has this version, in a folder for PATH with what a launcher needs besides. */
function pathWith(version: string, runs: string = process.execPath): string {
  const folder = temporaryFolder();
  const script = `#!/bin/sh\n[ "$1" = --version ] && echo ${version} && exit\nexec '${runs}' "$@"\n`;
  writeFileSync(join(folder, 'node'), script);
  chmodSync(join(folder, 'node'), 0o755);
  for (const tool of ['sh', 'readlink']) symlinkSync(`/bin/${tool}`, join(folder, tool));
  return folder;
}

async function told(running: Running): Promise<Told> {
  const { code, stdout, stderr } = await running.ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Told;
}

describe.runIf(process.platform !== 'win32')('the shell launcher', () => {
  test('becomes the program, with the bundled Node and every word as it was', async () => {
    const { launcher } = layPackage();
    const words = ['a b', '', '*', "it's", '$HOME', '--json'];
    const cwd = realpathSync(temporaryFolder());
    const running = start(launcher, words, { cwd });
    expect(await told(running)).toEqual({
      pid: running.child.pid,
      node: realpathSync(process.execPath),
      cwd,
      words,
    });
  });

  test('is found through links, relative ones and links to links', async () => {
    const { launcher } = layPackage();
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'a b', 'c'), { recursive: true });
    symlinkSync(launcher, join(folder, 'a b', 'first'));
    symlinkSync('../first', join(folder, 'a b', 'c', 'second'));
    symlinkSync(join(folder, 'a b', 'c', 'second'), join(folder, 'skerry'));
    const running = start(join(folder, 'skerry'), []);
    expect((await told(running)).pid).toBe(running.child.pid);
    const byPath = start('/bin/sh', ['-c', 'exec skerry here'], {
      env: { PATH: `${folder}:${process.env.PATH ?? ''}` },
    });
    expect(await told(byPath)).toMatchObject({ pid: byPath.child.pid, words: ['here'] });
    const byShell = start('/bin/sh', ['skerry'], { cwd: folder });
    expect((await told(byShell)).pid).toBe(byShell.child.pid);
  });

  test('asks no Node for its version when there is a bundled one', async () => {
    const { launcher } = layPackage();
    const PATH = pathWith('v24.0.0', '/nowhere');
    expect((await told(start(launcher, [], { env: { PATH } }))).words).toEqual([]);
  });

  test('takes a hoisted Node, then the system’s, when they are new enough', async () => {
    const { root, launcher } = layPackage();
    rmSync(join(root, 'node_modules'), { recursive: true });
    const system = { env: { PATH: pathWith('v22.12.0') } };
    expect((await told(start(launcher, ['system'], system))).words).toEqual(['system']);

    const hoisted = join(dirname(root), 'node', 'bin');
    mkdirSync(hoisted, { recursive: true });
    symlinkSync(process.execPath, join(hoisted, 'node'));
    const none = { env: { PATH: pathWith('v18.20.0', '/nowhere') } };
    expect((await told(start(launcher, ['hoisted'], none))).words).toEqual(['hoisted']);
  });

  test('says in one line how to get a Node when there is none or an old one', async () => {
    const { root, launcher } = layPackage();
    rmSync(join(root, 'node_modules'), { recursive: true });
    for (const version of ['v20.20.2', 'nonsense', '']) {
      const { ended } = start(launcher, [], { env: { PATH: pathWith(version) } });
      expect(await ended).toMatchObject({
        code: 1,
        stdout: '',
        stderr: `skerry: no Node.js 22 or newer was found. Run npm ci in ${root}, or install it from https://nodejs.org.\n`,
      });
    }
  });

  test('says in one line that nothing was built', async () => {
    const { root, launcher } = layPackage();
    rmSync(join(root, 'dist'), { recursive: true });
    expect(await start(launcher, []).ended).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `skerry: not built yet. Run npm ci (or npm run build) in ${root}.\n`,
    });
  });
});

describe('the entry for npx', () => {
  /** Makes the Node that runs it look like 18. */
  function asOldNode(): string {
    const file = join(temporaryFolder(), 'old.cjs');
    writeFileSync(
      file,
      "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.0' } });",
    );
    return file;
  }

  function startEntry(root: string, words: readonly string[], preload?: string): Running {
    const before = preload === undefined ? [] : ['--require', preload];
    return start(process.execPath, [...before, join(root, 'bin', 'skerry.cjs'), ...words]);
  }

  test('runs the program in its own process', async () => {
    const { root } = layPackage();
    const running = startEntry(root, ['a b', '--json']);
    expect(await told(running)).toMatchObject({ pid: running.child.pid, words: ['a b', '--json'] });
  });

  test('starts the bundled Node from an older one, and ends as it ends', async () => {
    const { root } = layPackage();
    const old = asOldNode();
    const running = startEntry(root, ['a b'], old);
    const { pid, words } = await told(running);
    expect(words).toEqual(['a b']);
    expect(pid).not.toBe(running.child.pid);
    expect(await startEntry(root, ['fail'], old).ended).toMatchObject({ code: 5 });
    expect(await startEntry(root, ['killed'], old).ended).toMatchObject({
      code: null,
      signal: 'SIGKILL',
    });
  });

  test('passes signals on to the bundled Node', async () => {
    const { root } = layPackage();
    const running = startEntry(root, ['wait'], asOldNode());
    await running.seen('stdout', /\n/);
    running.child.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 7 });
  });

  test('says in one line what is missing', async () => {
    const { root } = layPackage();
    rmSync(join(root, 'node_modules'), { recursive: true });
    expect(await startEntry(root, [], asOldNode()).ended).toMatchObject({
      code: 1,
      stderr:
        'skerry: Node.js 22 or newer is needed, this is 18.20.0. Install it from https://nodejs.org.\n',
    });
    rmSync(join(root, 'dist'), { recursive: true });
    expect(await startEntry(root, []).ended).toMatchObject({
      code: 1,
      stderr: `skerry: not built yet. Run npm ci (or npm run build) in ${root}.\n`,
    });
  });
});
