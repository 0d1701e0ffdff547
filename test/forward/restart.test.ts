import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { parseAddress } from '../../main/forward/address.ts';
import { connectTarget } from '../../main/forward/target.ts';
import type { Peer } from '../../main/peer/types.ts';
import { introduce, TestPeers, until } from '../peer/peers-support.ts';
import { dial, Program, readAll } from './support/programs.ts';

test('restart - services and forwards are there again, at the same port', async () => {
  await using peers = new TestPeers();
  // At the same UDP ports again, so that they find each other.
  const start = (name: string): Promise<Peer> => peers.start(name, { udp: {} });
  const [ada, bob] = [await start('ada'), await start('bob')];
  await introduce(ada, bob);
  await using program = await Program.start((socket) => void socket.pipe(socket));
  ada.forwarding.expose({ name: 'echo', target: program.target, audience: [bob.key] });
  const made = await bob.forwarding.forward({
    peer: ada.key,
    service: 'echo',
    listen: '127.0.0.1:0',
    allowRemote: false,
  });
  await Promise.all([ada.stop(), bob.stop()]);
  const again = [await start('ada'), await start('bob')] as const;
  expect(again[0].forwarding.services()).toMatchObject([
    { name: 'echo', target: program.target, audience: [bob.key] },
  ]);
  expect(again[1].forwarding.forwards()).toMatchObject([
    { id: made.id, listen: made.listen, state: 'listening' },
  ]);
  // The connection waits for the link, which is only coming up.
  const socket = await dial(made.listen);
  socket.end('still here');
  expect(String(await readAll(socket))).toBe('still here');
});

test('restart - a port that is taken meanwhile keeps the peer from nothing else', async () => {
  await using peers = new TestPeers();
  const [ada, bob] = [await peers.start('ada'), await peers.start('bob')];
  await introduce(ada, bob);
  const { listen } = await bob.forwarding.forward({
    peer: ada.key,
    service: 'web',
    listen: '0',
    allowRemote: false,
  });
  await bob.stop();
  await using squatter = await Program.start(() => undefined, Number(listen.split(':')[1]));
  expect(squatter.target).toBe(listen);
  const again = await peers.start('bob');
  expect(again.state).toBe('running');
  expect(again.forwarding.forwards()).toMatchObject([
    { listen, state: 'failed', error: { code: 'forward-in-use' } },
  ]);
  await until(() => again.links.get(ada.key) !== undefined, 'the link');
});

test("restart - the peer's own sockets are not exposed, by whatever path", async () => {
  await using peers = new TestPeers();
  const ada = await peers.start('ada');
  mkdirSync(join(ada.home, 'run'), { recursive: true });
  writeFileSync(join(ada.home, 'run', 'api.sock'), '');
  symlinkSync(join(ada.home, 'run'), peers.path('way-round'));
  for (const path of [join(ada.home, 'run', 'api.sock'), peers.path('way-round/api.sock')]) {
    expect(() =>
      ada.forwarding.expose({ name: 'own', target: `unix:${path}`, audience: 'everyone' }),
    ).toThrow(expect.objectContaining({ code: 'service-private' }));
  }
});

test('connecting - to a program that takes no connections ends after a time', async () => {
  // Stopped, it accepts nobody; connections beyond its short queue are never answered.
  const child = spawn(process.execPath, [
    '-e',
    `require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
       console.log(this.address().port);
     })`,
  ]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  child.kill('SIGSTOP');
  const target = parseAddress(String(port).trim());
  if (target?.kind !== 'tcp') throw new Error('no port');
  const fillers: Socket[] = [];
  onTestFinished(() => fillers.forEach((socket) => socket.destroy()));
  for (let filler = 0; filler < 4; filler += 1) {
    const socket = connect(target.port, '127.0.0.1').on('error', () => undefined);
    fillers.push(socket);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  const connecting = connectTarget(target, new AbortController().signal, 200);
  await expect(connecting).rejects.toMatchObject({ refusal: 'target-unreachable' });
  const gone = AbortSignal.timeout(50);
  await expect(connectTarget(target, gone, 10_000)).rejects.toMatchObject({ name: 'TimeoutError' });
});
