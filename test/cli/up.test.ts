import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Status } from '../../main/api/contract.ts';
import { cli, runHere, type Running, start, startCli, temporaryFolder } from './support/cli.ts';
import { sampleStatus } from './support/samples.ts';

const fixture = fileURLToPath(new URL('./support/run-peer.ts', import.meta.url));

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

describe('two steps to stop', () => {
  function run(mode: string): Running {
    return start(process.execPath, [fixture, mode]);
  }

  test('the first signal stops, one within the same moment changes nothing', async () => {
    const running = run('clean');
    await running.seen('stdout', /skerry stop/);
    running.child.kill('SIGINT');
    running.child.kill('SIGINT');
    const { code, stderr } = await running.ended;
    expect(code).toBe(0);
    expect(stderr).toContain('Stopping; once more to end at once.\nstop was called\nreturned\n');
  });

  test('a second signal ends a stop that hangs, at once', async () => {
    const running = run('hang');
    await running.seen('stdout', /skerry stop/);
    running.child.kill('SIGTERM');
    await running.seen('stderr', /stop was called/);
    await pause(400);
    running.child.kill('SIGTERM');
    const { code, stderr } = await running.ended;
    expect(code).toBe(143);
    expect(stderr).not.toContain('returned');
  });

  test('a peer that ends by itself ends the command', async () => {
    const running = run('end');
    const { code, stdout, stderr } = await running.ended;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      ready: true,
      status: sampleStatus,
      url: 'http://127.0.0.1:4180/#token=abc',
    });
    expect(stderr).toContain('returned');
  });
});

describe('a real peer', () => {
  const quiet = ['--log-level', 'error'];

  test('runs, is asked, is the only one on its home, and stops by `stop`', async () => {
    const home = temporaryFolder();
    const up = startCli(['up', '--home', home, '--json', '--name', 'isle', '--no-ui', ...quiet]);
    await up.seen('stdout', /\n/);
    const [status, id, second] = await Promise.all([
      runHere(['status', '--home', home, '--json']),
      runHere(['id', '--home', home, '--json']),
      cli(['up', '--home', home, '--no-ui', ...quiet]),
    ]);
    expect(Status.parse(JSON.parse(status.stdout))).toMatchObject({
      name: 'isle',
      pid: up.child.pid,
      ui: null,
    });
    expect(JSON.parse(id.stdout)).toMatchObject({ name: 'isle' });
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/^skerry: [^\n]+\n$/);

    const stop = await cli(['stop', '--home', home]);
    expect(stop).toMatchObject({ code: 0, stdout: 'Stopped.\n' });
    const { code, stdout, stderr } = await up.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const ready = JSON.parse(stdout) as { ready: true; status: Status; url: null };
    expect(Object.keys(ready)).toEqual(['ready', 'status', 'url']);
    expect(Status.parse(ready.status).socket).toMatch(/api\.sock$|\.sock$/);
    expect(existsSync(ready.status.socket)).toBe(false);
    expect(await runHere(['status', '--home', home])).toMatchObject({ code: 3 });
  }, 90_000);

  test('prints where it is, and stops in order on SIGTERM', async () => {
    const home = temporaryFolder();
    const up = startCli(['up', '--home', home, '--port', '0', ...quiet]);
    await up.seen('stdout', /skerry stop/);
    up.child.kill('SIGTERM');
    const { code, stdout } = await up.ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^Skerry \d+\.\d+\.\d+ runs as .+\.\nkey {5}A[A-Z2-7]{55}\nudp {5}.+:\d+\n/,
    );
    expect(stdout).toMatch(/ui {6}http:\/\/127\.0\.0\.1:\d+\/#token=/);
  });

  test('that cannot start as it is asked to says why and leaves nothing', async () => {
    const home = temporaryFolder();
    const words = ['up', '--home', home, '--json', '--nats', 'nats://127.0.0.1:1'];
    const refused = await cli([...words, '--prefix', 'a.>']);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(JSON.parse(refused.stderr)).toMatchObject({ error: { code: 'config-invalid' } });
    expect(readdirSync(home)).toEqual([]);
  });
});
