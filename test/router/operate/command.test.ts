import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runRouter, type RouterProcess } from '../../../main/router/operate/run.ts';

/** Runs what needs no process of its own. */
async function router(
  ...words: string[]
): Promise<{ status: number; stdout: string; stderr: string }> {
  let stdout = '';
  let stderr = '';
  const proc: RouterProcess = {
    pid: process.pid,
    platform: 'linux',
    env: {},
    title: '',
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    exit: () => {
      throw new Error('nothing here ends the process');
    },
    kill: () => true,
    on: () => proc,
    off: () => proc,
  };
  const status = await runRouter(words, proc);
  return { status, stdout, stderr };
}

describe('skerry router', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-check-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(['-v', '--version', 'version'])(
    '%s begins with the version that it is compatible to',
    async (word) => {
      const { status, stdout, stderr } = await router(word);
      expect(stdout).toMatch(/^nats-server: v2\.10\.27\nskerry: \d/);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    },
  );

  it.each(['-h', '--help', 'help'])('%s prints the usage', async (word) => {
    const { status, stdout, stderr } = await router(word);
    expect(stdout).toContain('Usage: skerry router [options]');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('--help_tls lists suites and curves', async () => {
    const { stdout } = await router('--help_tls');
    expect(stdout).toContain('TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256');
    expect(stdout).toContain('CurveP256');
  });

  it('an unknown flag prints the usage and ends with 0, as with nats-server', async () => {
    expect(await router('-p', '1', '--foo')).toEqual({
      status: 0,
      stderr: 'flag provided but not defined: -foo\n',
      stdout: expect.stringContaining('Usage:'),
    });
  });

  it('another word is none that it knows', async () => {
    expect(await router('start')).toEqual({
      status: 1,
      stdout: '',
      stderr: 'nats-server: unrecognized command: "start"\n',
    });
  });

  it('-t checks a file, with place and field of what it does not know', async () => {
    const good = join(folder, 'good.conf');
    const bad = join(folder, 'bad.conf');
    await writeFile(good, 'port: 4222');
    await writeFile(bad, 'port: 4222\nfoo: 1');
    expect(await router('-t', '-c', good)).toMatchObject({
      status: 0,
      stderr: `nats-server: configuration file ${good} is valid\n`,
    });
    expect(await router('-t', '-c', bad)).toMatchObject({
      status: 1,
      stderr: `nats-server: ${bad}:2:1: unknown field "foo"\n`,
    });
  });

  it('-t fails for what is merely discouraged, as with nats-server, and needs a file', async () => {
    const old = join(folder, 'old.conf');
    await writeFile(old, 'ping_interval: 5');
    expect(await router('-t', '-c', old)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`${old}:1:0: invalid use of field "ping_interval"`),
    });
    expect(await router('-t')).toMatchObject({
      status: 1,
      stderr:
        'nats-server: must specify [-c, --config] option to check configuration file syntax\n',
    });
  });

  it('a file that is not there is named', async () => {
    const path = join(folder, 'nowhere');
    expect(await router('-c', path)).toMatchObject({
      status: 1,
      stderr: `nats-server: open ${path}: no such file or directory\n`,
    });
  });

  it('options that cannot be together are told before anything is opened', async () => {
    const path = join(folder, 'nobody.conf');
    await writeFile(path, 'no_auth_user: nobody');
    expect(await router('-c', path)).toMatchObject({
      status: 1,
      stderr: 'nats-server: no_auth_user: "nobody" present, but users/nkeys are not defined\n',
    });
  });
});
