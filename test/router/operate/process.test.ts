import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startServer, type ServerProcess } from '../support/router-process.ts';

const main = fileURLToPath(new URL('../../../main/cli/main.ts', import.meta.url));

/** `skerry router …` to its end. */
function router(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [main, 'router', ...words], {
    encoding: 'utf8',
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
    timeout: 20_000,
  });
}

/** The next INFO that a connection gets, and the connection. */
async function hello(server: ServerProcess): Promise<{ info: string; socket: Socket }> {
  const socket = connect(server.ports.client, '127.0.0.1');
  socket.on('error', () => undefined);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return { info: chunk.toString(), socket };
}

const pidOf = (server: ServerProcess): number => server.process.pid ?? 0;

describe('router process', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-run-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('writes its pid and its ports as nats-server does, and takes the ports back at the end', async () => {
    const pidFile = join(folder, 'router.pid');
    await using server = await startServer('router', {
      args: ['--ports_file_dir', folder, '-P', pidFile],
    });
    const pid = pidOf(server);
    expect(await readFile(pidFile, 'utf8')).toBe(String(pid));
    const ports = join(folder, `nats-server_${pid}.ports`);
    expect(JSON.parse(await readFile(ports, 'utf8'))).toEqual({
      nats: [`nats://127.0.0.1:${server.ports.client}`],
    });
    expect(server.log).toMatch(
      new RegExp(`^\\[${pid}\\] \\S+ \\S+ \\[INF\\] Starting nats-server$`, 'm'),
    );
    expect(await server.stop('SIGTERM')).toBe(0);
    expect((await readdir(folder)).filter((name) => name.endsWith('.ports'))).toEqual([]);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('%s ends it with 0', async (signal) => {
    await using server = await startServer('router');
    const { socket } = await hello(server);
    expect(await server.stop(signal)).toBe(0);
    expect(server.log).toContain('[INF] Server Exiting..');
    socket.destroy();
  });

  it('SIGHUP takes up what can change, and connections stay', async () => {
    await using server = await startServer('router', { config: 'max_payload: 1000' });
    const before = await hello(server);
    expect(before.info).toContain('"max_payload":1000,');
    await server.configure('max_payload: 2000\ndebug: true');
    server.signal('SIGHUP');
    await server.logged(/\[INF\] Reloaded server configuration/);
    expect(server.log).toContain('[INF] Reloaded: max_payload = 2000');
    expect(server.log).toContain('[INF] Reloaded: debug = true');
    const after = await hello(server);
    expect(after.info).toContain('"max_payload":2000,');
    before.socket.write('PING\r\n');
    const [pong] = (await once(before.socket, 'data')) as [Buffer];
    expect(pong.toString()).toContain('PONG');
    before.socket.destroy();
    after.socket.destroy();
  });

  it('SIGHUP with a file that is wrong, or that needs a restart, changes nothing', async () => {
    await using server = await startServer('router', { config: 'max_payload: 1000' });
    await server.configure('max_payload: 2000\n  foo: 1\nbar: 1');
    server.signal('SIGHUP');
    await server.logged(
      /\[ERR\] Failed to reload server configuration: server\.conf:2:3: unknown field "foo"; server\.conf:3:1: unknown field "bar"\n/,
    );
    await server.configure('max_payload: 2000\nserver_name: other');
    server.signal('SIGHUP');
    await server.logged(/\[ERR\] Failed to reload server configuration: .*server_name/);
    const { info, socket } = await hello(server);
    expect(info).toContain('"max_payload":1000,');
    socket.destroy();
  });

  it('SIGUSR1 opens the log file again', async () => {
    const file = join(folder, 'router.log');
    // By a reload: until then its readiness has to be seen on standard error.
    await using server = await startServer('router');
    await server.configure(`log_file: "${file}"`);
    server.signal('SIGHUP');
    await expect.poll(() => existsSync(file) && readFile(file, 'utf8')).toMatch(/Reloaded server/);
    await rename(file, `${file}.1`);
    server.signal('SIGUSR1');
    await expect.poll(() => existsSync(file) && readFile(file, 'utf8')).toMatch(/re-opened/);
  });

  it('SIGUSR2 without clients ends it at once, with 0', async () => {
    await using server = await startServer('router');
    server.signal('SIGUSR2');
    expect(await server.exited).toBe(0);
    expect(server.log).toContain('[INF] Entering lame duck mode, stop accepting new clients');
  });

  it('SIGTERM does not cut the lame duck short, SIGINT does', async () => {
    await using server = await startServer('router');
    const { socket } = await hello(server);
    socket.write('CONNECT {"verbose":false}\r\nPING\r\n');
    await once(socket, 'data');
    server.signal('SIGUSR2');
    await server.logged(/Entering lame duck mode/);
    server.signal('SIGTERM');
    const early = await Promise.race([
      server.exited,
      new Promise((resolve) => setTimeout(resolve, 500, 'still here')),
    ]);
    expect(early).toBe('still here');
    server.signal('SIGINT');
    expect(await server.exited).toBe(0);
    socket.destroy();
  });

  it('is told by command, by pid and by pid file; without one when it is the only one', async () => {
    const pidFile = join(folder, 'router.pid');
    await using one = await startServer('router', { args: ['-P', pidFile] });
    await using two = await startServer('router');
    expect(router('-sl', `reload=${pidFile}`).status).toBe(0);
    await one.logged(/Reloaded server configuration/);
    const asked = router('--signal', 'reload');
    expect(asked.status).toBe(1);
    expect(asked.stderr).toMatch(/^nats-server: multiple skerry-router processes running:\n/);
    const pids = asked.stderr.split('\n').slice(1).map(Number);
    expect(pids).toEqual(expect.arrayContaining([pidOf(one), pidOf(two)]));
    expect(router(`-sl=quit=${pidOf(two)}`).status).toBe(0);
    expect(await two.exited).toBe(0);
  });

  it('does not show its command line to others on the machine', async () => {
    if (process.platform !== 'linux') return;
    await using server = await startServer('router', {
      args: ['--user', 'u', '--pass', 'hunter2'],
    });
    const shown = await readFile(`/proc/${pidOf(server)}/cmdline`, 'utf8');
    expect(shown).not.toContain('hunter2');
    const { info, socket } = await hello(server);
    expect(info).toContain('"auth_required":true');
    socket.destroy();
  });

  it('says what it does not have, and runs without', async () => {
    await using server = await startServer('router', {
      config: 'jetstream: enabled\ncluster { name: c }\nping_interval: 60',
    });
    expect(server.log).toMatch(/\[WRN\] JetStream is not part of this router/);
    expect(server.log).toMatch(/\[WRN\] Clustering is not supported/);
    expect(server.log).toMatch(/\[WRN\] server\.conf:3:1: .*should be converted to a duration/);
  });

  it('ends with 1 and a [FTL] line when it cannot listen', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const { status, stderr } = router('-a', '127.0.0.1', '-p', String(port));
    taken.close();
    expect(status).toBe(1);
    expect(stderr).toMatch(/\[FTL\] .*EADDRINUSE/);
  });

  it('ends with 1 when pid file or log file cannot be written', () => {
    const pid = router('-a', '127.0.0.1', '-p', '-1', '-P', join(folder, 'no', 'pid'));
    expect(pid).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('[FTL] Could not write'),
    });
    const log = router('-a', '127.0.0.1', '-p', '-1', '-l', join(folder, 'no', 'log'));
    expect(log).toMatchObject({ status: 1, stderr: expect.stringMatching(/^nats-server: ENOENT/) });
  });
});

describe('router command', () => {
  it('is part of skerry, and loads none of the rest of it', () => {
    expect(router('-v')).toMatchObject({ status: 0, stderr: '' });
    expect(router('-v').stdout).toMatch(/^nats-server: v2\.10\.27\n/);
  });
});
