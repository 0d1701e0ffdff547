import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { localSocketPath } from '../../main/api/transports/local-socket-path.ts';
import type { Peer } from '../../main/peer/types.ts';
import { type Ended, mainFile, runHere } from '../cli/support/cli.ts';
import { introduce, TestPeers, until } from '../peer/peers-support.ts';
import { dial, freePort, Program, readAll } from './support/programs.ts';
import { serveApi } from './support/serve.ts';

let peers: TestPeers;
let ada: Peer;
let bob: Peer;
const closers: (() => Promise<void>)[] = [];

beforeAll(async () => {
  peers = new TestPeers();
  ada = await peers.start('ada');
  bob = await peers.start('bob');
  await introduce(ada, bob);
  for (const peer of [ada, bob]) closers.push((await serveApi(peer)).close);
});
afterAll(async () => {
  await Promise.all(closers.map((close) => close()));
  await peers[Symbol.asyncDispose]();
});

const at = (peer: Peer, ...words: string[]): Promise<Ended> =>
  runHere([...words, '--home', peer.home]);

async function json(peer: Peer, ...words: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await at(peer, ...words, '--json');
  if (code !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
  return JSON.parse(stdout);
}

/** Exposes a program of Ada to all until the test ends. */
async function expose(name: string, onSocket: (socket: Socket) => void): Promise<Program> {
  const program = await Program.start(onSocket);
  ada.forwarding.expose({ name, target: program.target, audience: 'everyone' });
  onTestFinished(async () => {
    await program.close();
    if (ada.forwarding.services().some((one) => one.name === name)) ada.forwarding.unexpose(name);
  });
  return program;
}

/** Starts `skerry pipe` at Bob's, in a process of its own. */
function pipe(target: string, ...words: string[]) {
  const child: ChildProcessWithoutNullStreams = spawn(process.execPath, [
    mainFile,
    '--home',
    bob.home,
    'pipe',
    target,
    ...words,
  ]);
  child.stdin.on('error', () => undefined);
  const chunks: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'close').then(([code]) => ({
    code: code as number | null,
    stdout: Buffer.concat(chunks),
    stderr,
  }));
  return { child, ended, seen: () => Buffer.concat(chunks) };
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('pipe', () => {
  test('pipe - carries 8 MiB of any bytes through the command, and ends with 0', async () => {
    await expose('echo', (socket) => void socket.pipe(socket));
    const bytes = randomBytes(8 * 1024 * 1024);
    const { child, ended } = pipe('ada/echo');
    child.stdin.end(bytes);
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr, length: stdout.length }).toEqual({
      code: 0,
      stderr: '',
      length: bytes.length,
    });
    expect(sha256(stdout)).toBe(sha256(bytes));
    // Neither a socket nor a folder is left behind.
    expect(readdirSync(dirname(localSocketPath(bob.home)))).toEqual(['api.sock']);
  });

  test('pipe - the end of the input lets the output go on', async () => {
    await expose('count', (socket) => {
      void readAll(socket).then((input) => {
        socket.write(`${input.length} bytes`);
        setTimeout(() => socket.end(', and that was it'), 100);
      });
    });
    const { child, ended } = pipe('ada/count');
    child.stdin.end('abc');
    expect(await ended).toMatchObject({
      code: 0,
      stdout: Buffer.from('3 bytes, and that was it'),
    });
  });

  test('pipe - the end of the output lets the input go on', async () => {
    const heard = Promise.withResolvers<string>();
    await expose('sink', (socket) => {
      socket.end('tell me');
      void readAll(socket).then((bytes) => heard.resolve(String(bytes)));
    });
    const { child, ended, seen } = pipe('ada/sink');
    await until(() => String(seen()) === 'tell me', 'the output');
    child.stdin.write('first, ');
    await new Promise((resolve) => setTimeout(resolve, 50));
    child.stdin.end('last');
    expect(await heard.promise).toBe('first, last');
    expect((await ended).code).toBe(0);
  });

  test('pipe - that is cut in the middle ends with 1 and says so', async () => {
    const program = await expose('cut', (socket) => socket.write('begun'));
    const { ended, seen } = pipe('ada/cut');
    await until(() => String(seen()) === 'begun', 'the output');
    program.sockets[0]?.resetAndDestroy();
    const { code, stdout, stderr } = await ended;
    expect({ code, stdout: String(stdout) }).toEqual({ code: 1, stdout: 'begun' });
    expect(stderr).toMatch(/^skerry: The connection was cut\./);
  });

  test('pipe - a command that is killed takes the connection with it', async () => {
    const over = Promise.withResolvers<string>();
    await expose('victim', (socket) => {
      socket.write('begun');
      socket.resume();
      socket.once('close', () => over.resolve('closed'));
      socket.once('end', () => socket.end());
    });
    const { child, ended, seen } = pipe('ada/victim');
    await until(() => String(seen()) === 'begun', 'the output');
    child.kill('SIGKILL');
    expect((await ended).code).toBe(null);
    expect(await over.promise).toBe('closed');
  });

  test('pipe - what cannot be opened ends with 1, a sentence, and nothing on stdout', async () => {
    const port = await freePort();
    ada.forwarding.expose({ name: 'down', target: String(port), audience: 'everyone' });
    onTestFinished(() => ada.forwarding.unexpose('down'));
    for (const [target, code] of [
      ['ada/down', 'service-target-refused'],
      ['ada/none', 'service-refused'],
      ['nobody/x', 'contact-not-found'],
    ] as const) {
      const result = await at(bob, 'pipe', target, '--json');
      expect(result).toMatchObject({ code: 1, stdout: '' });
      expect(JSON.parse(result.stderr)).toMatchObject({ error: { code } });
    }
    expect(await at(bob, 'pipe', 'ada')).toMatchObject({ code: 2 });
  });
});

describe('commands', () => {
  test('expose, services, forward, unforward, unexpose - one after the other', async () => {
    const program = await Program.start((socket) => void socket.pipe(socket));
    onTestFinished(() => program.close());
    const exposed = await at(ada, 'expose', program.target, '--as', 'site', '--to', 'bob');
    expect(exposed).toMatchObject({
      code: 0,
      stdout: `${program.target} is exposed as site to bob.\n`,
    });
    expect(await json(ada, 'expose', '--list')).toMatchObject([
      { name: 'site', target: program.target, audience: [bob.key], connections: 0 },
    ]);
    const known = (): string =>
      bob.forwarding
        .remoteServices()
        .map(({ name }) => name)
        .join();
    await until(() => known() === 'site', 'the announcement');
    expect(await json(bob, 'services')).toEqual([
      { peer: ada.key, peerName: 'ada', name: 'site', online: true },
    ]);
    expect((await at(bob, 'services', 'ada')).stdout).toMatch(/ada +site +online/);

    const { listen } = (await json(bob, 'forward', 'ada/site')) as { listen: string };
    expect(listen).toMatch(/^127\.0\.0\.1:\d+$/);
    const socket = await dial(listen);
    socket.end('hi');
    expect(String(await readAll(socket))).toBe('hi');
    expect((await at(bob, 'forward', '--list')).stdout).toContain(`${listen}  ada/site`);
    expect(await at(bob, 'unforward', listen)).toMatchObject({ stdout: `${listen} is closed.\n` });
    expect(await json(bob, 'forward', '--list')).toEqual([]);

    expect(await at(ada, 'unexpose', 'site')).toMatchObject({ code: 0 });
    await until(() => bob.forwarding.remoteServices().length === 0, 'the end of it');
    expect((await at(bob, 'services')).stdout).toBe('Nobody exposes a service to you.\n');
  });

  test('forward - other computers only with the flag, and with a warning', async () => {
    const refused = await at(bob, 'forward', 'ada/site', '0.0.0.0:0', '--json');
    expect(refused).toMatchObject({ code: 1 });
    expect(JSON.parse(refused.stderr)).toMatchObject({ error: { code: 'forward-not-loopback' } });
    // A loopback address other than the usual one needs none.
    const { id } = (await json(bob, 'forward', 'ada/site', '[::1]:0')) as { id: string };
    bob.forwarding.unforward(id);
    const allowed = await at(bob, 'forward', 'ada/site', '0.0.0.0:0', '--allow-remote');
    expect(allowed.code).toBe(0);
    expect(allowed.stderr).toMatch(
      /^Warning: whoever can connect to 0\.0\.0\.0:\d+ uses ada\/site/,
    );
    for (const forward of bob.forwarding.forwards()) bob.forwarding.unforward(forward.id);
  });

  test.each([
    [['expose']],
    [['expose', '8080']],
    [['expose', '8080', '--as', 'web']],
    [['expose', '8080', '--list']],
    [['forward']],
    [['forward', 'ada']],
    [['forward', 'ada/web', '--list']],
  ])('usage - %j', async (words) => {
    expect(await at(bob, ...words)).toMatchObject({ code: 2, stdout: '' });
  });
});
