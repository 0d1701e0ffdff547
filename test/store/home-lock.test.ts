import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockHome } from '../../main/store/home-lock.ts';

let home: string;
let children: ChildProcess[];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'skerry-lock-'));
  children = [];
});
afterEach(async () => {
  await Promise.all(children.map(kill));
  rmSync(home, { recursive: true, force: true });
});

const LOCK_MODULE = new URL('../../main/store/home-lock.ts', import.meta.url).href;
/** Waits for a line, takes the lock, says `locked` or the error's code, and stays. */
const CHILD = `
  import { once } from 'node:events';
  import { lockHome } from ${JSON.stringify(LOCK_MODULE)};
  process.stdout.write('ready\\n');
  await once(process.stdin, 'data');
  let said = 'locked';
  try { globalThis.lock = lockHome(process.argv[1]); } catch (error) { said = error.code; }
  process.stdout.write(said + '\\n');
  setInterval(() => {}, 1000);
`;

interface Contender {
  readonly child: ChildProcess;
  /** Lets it try; its answer. */
  go(): Promise<string>;
}

async function contender(): Promise<Contender> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', CHILD, home], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async () => String((await lines.next()).value);
  expect(await nextLine()).toBe('ready');
  return {
    child,
    go() {
      child.stdin.write('go\n');
      return nextLine();
    },
  };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

test('home lock - a second process is refused, and told which process has the home', async () => {
  const { child, go } = await contender();
  expect(await go()).toBe('locked');
  expect(() => lockHome(home)).toThrow(
    expect.objectContaining({
      code: 'home-in-use',
      message: expect.stringContaining(`process ${child.pid}`) as unknown,
    }),
  );
});

test('home lock - is free at once after kill -9 of its owner', async () => {
  const { child, go } = await contender();
  expect(await go()).toBe('locked');
  await kill(child);
  expect(readFileSync(join(home, 'peer.pid'), 'latin1').trim()).toBe(String(child.pid));
  using lock = lockHome(home);
  expect(lock).toBeDefined();
  expect(readFileSync(join(home, 'peer.pid'), 'latin1').trim()).toBe(String(process.pid));
});

test('home lock - of several processes that try at the same moment exactly one gets it', async () => {
  const first = await contender();
  expect(await first.go()).toBe('locked');
  await kill(first.child);
  const others = await Promise.all([contender(), contender(), contender()]);
  const answers = await Promise.all(others.map(({ go }) => go()));
  expect(answers.sort()).toEqual(['home-in-use', 'home-in-use', 'locked']);
});

test('home lock - holds within one process too, and release is idempotent', () => {
  const first = lockHome(home);
  expect(() => lockHome(home)).toThrow(expect.objectContaining({ code: 'home-in-use' }));
  expect(() => lockHome(home)).toThrow(expect.objectContaining({ code: 'home-in-use' }));
  first.release();
  first.release();
  expect(existsSync(join(home, 'peer.pid'))).toBe(false);
  lockHome(home).release();
});

test('home lock - a refused try in the same process does not let another process in', async () => {
  using lock = lockHome(home);
  expect(() => lockHome(home)).toThrow(expect.objectContaining({ code: 'home-in-use' }));
  const { go } = await contender();
  expect(await go()).toBe('home-in-use');
  expect(lock).toBeDefined();
});

test('home lock - a pid file left by a killed process, of a living pid, does not lock', () => {
  writeFileSync(join(home, 'peer.pid'), `${process.ppid}\n`);
  using lock = lockHome(home);
  expect(lock).toBeDefined();
});

test('home lock - creates the home for its owner alone', () => {
  const fresh = join(home, 'new', 'peer');
  using lock = lockHome(fresh);
  expect(lock).toBeDefined();
  if (process.platform !== 'win32') {
    expect(statSync(fresh).mode & 0o777).toBe(0o700);
    expect(statSync(join(fresh, 'peer.lock')).mode & 0o777).toBe(0o600);
  }
});

test('home lock - a home that cannot be made is a clear error', () => {
  writeFileSync(join(home, 'file'), '');
  expect(() => lockHome(join(home, 'file'))).toThrow(
    expect.objectContaining({ code: 'home-unlockable' }),
  );
});
