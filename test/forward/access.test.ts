/** Who may use what, and for how long. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { readAll as readStream } from '../link/links-support.ts';
import { createForwarder, eventually, link, stopForwarders } from './support/linked.ts';
import type { Forwarder } from './support/linked.ts';
import { dial, fate, freePort, Program } from './support/programs.ts';

afterEach(() => stopForwarders());

/** Says `begun` and waits. */
const begin = (socket: Socket): void => void socket.write('begun');

async function program(onSocket: (socket: Socket) => void): Promise<Program> {
  const started = await Program.start(onSocket);
  onTestFinished(() => started.close());
  return started;
}

async function pair(): Promise<{ ada: Forwarder; bob: Forwarder }> {
  const [ada, bob] = [await createForwarder('Ada'), await createForwarder('Bob')];
  await link(ada, bob);
  return { ada, bob };
}

/** A connection of Bob to a service of Ada that has begun; what becomes of it at both ends. */
async function inUse(ada: Forwarder, bob: Forwarder, name: string) {
  const died = Promise.withResolvers<string>();
  const { target } = await program((socket) => {
    begin(socket);
    void fate(socket).then(died.resolve);
  });
  ada.forwarding.expose({ name, target, audience: [bob.peer.key] });
  const forward = await bob.forwarding.forward({
    peer: ada.peer.key,
    service: name,
    listen: '0',
    allowRemote: false,
  });
  const socket = await dial(forward.listen);
  await once(socket, 'data');
  return { fates: Promise.all([fate(socket), died.promise]), forward };
}

/** All bytes of the answer to a stream that asks for a service. */
async function answerTo(from: Forwarder, to: Forwarder, header: Record<string, unknown>) {
  const stream = await from.peer.links.openStream(to.peer.key, '/skerry/forward/1', { header });
  const bytes = await readStream(stream);
  await stream.end();
  return bytes.toString('hex');
}

describe('access', () => {
  test('access - a service for others and one that is not there are answered alike', async () => {
    const { ada, bob } = await pair();
    const cy = await createForwarder('Cy');
    await link(ada, cy);
    const { target } = await program(begin);
    ada.forwarding.expose({ name: 'secret', target, audience: [cy.peer.key] });
    const secret = await answerTo(bob, ada, { service: 'secret' });
    expect(secret).toBe(await answerTo(bob, ada, { service: 'absent' }));
    // So that the comparison means something: another refusal is another answer.
    expect(secret).not.toBe(await answerTo(bob, ada, {}));
    await eventually(() => {
      expect(cy.forwarding.remoteServices()).toEqual([{ peer: ada.peer.key, name: 'secret' }]);
    });
    expect(bob.forwarding.remoteServices()).toEqual([]);
  });

  test('access - taking a service back cuts what is in use at once', async () => {
    const { ada, bob } = await pair();
    const { fates } = await inUse(ada, bob, 'web');
    ada.forwarding.unexpose('web');
    expect(await fates).toEqual(['ECONNRESET', 'ECONNRESET']);
    await eventually(() => expect(bob.forwarding.remoteServices()).toEqual([]));
  });

  test('access - closing a forward cuts what is in use at once', async () => {
    const { ada, bob } = await pair();
    const { fates, forward } = await inUse(ada, bob, 'web');
    bob.forwarding.unforward(forward.id);
    expect(await fates).toEqual(['ECONNRESET', 'ECONNRESET']);
    expect(bob.forwarding.forwards()).toEqual([]);
    await expect(dial(forward.listen)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('access - a contact that is blocked loses what it uses, and finds nothing any more', async () => {
    const { ada, bob } = await pair();
    const { fates } = await inUse(ada, bob, 'web');
    ada.peer.contacts.put(bob.peer.key, 'blocked');
    expect(await fates).toEqual(['ECONNRESET', 'ECONNRESET']);
    expect(ada.forwarding.services()).toMatchObject([{ connections: 0, audience: [bob.peer.key] }]);
  });

  test('access - a contact that is removed is in no audience any more, and its forwards are closed', async () => {
    const { ada, bob } = await pair();
    await inUse(ada, bob, 'web');
    ada.peer.contacts.put(bob.peer.key, 'requested');
    expect(ada.forwarding.services()).toMatchObject([{ name: 'web', audience: [] }]);
    expect(bob.forwarding.forwards()).toHaveLength(1);
    bob.peer.contacts.put(ada.peer.key, 'requested');
    expect(bob.forwarding.forwards()).toEqual([]);
    expect(bob.forwarding.remoteServices()).toEqual([]);
  });

  test('access - what changed while a contact was away is told when it is back', async () => {
    const { ada, bob } = await pair();
    const { target } = await program(begin);
    const names = (): string[] => bob.forwarding.remoteServices().map(({ name }) => name);
    ada.forwarding.expose({ name: 'one', target, audience: 'everyone' });
    await eventually(() => expect(names()).toEqual(['one']));
    ada.peer.links.pause();
    await eventually(() => expect(bob.peer.links.list()).toEqual([]));
    expect(names()).toEqual(['one']);
    ada.forwarding.unexpose('one');
    ada.peer.links.resume();
    await eventually(() => expect(names()).toEqual([]));
  });

  test('access - each use is one line of the log, without what was said', async () => {
    const { ada, bob } = await pair();
    const { target } = await program((socket) => socket.end('forty-two'));
    ada.forwarding.expose({ name: 'oracle', target, audience: 'everyone' });
    const { id, path } = await bob.forwarding.openPipe(
      { peer: ada.peer.key, service: 'oracle', folder: '/tmp' },
      AbortSignal.timeout(10_000),
    );
    const socket = await dial(`unix:${path}`);
    socket.resume().end('question');
    const traffic = await bob.forwarding.pipeEnd(id, AbortSignal.timeout(10_000));
    expect(traffic).toEqual({ sentBytes: 8, receivedBytes: 9 });
    await eventually(() => {
      expect(ada.logged.filter(({ msg }) => msg === 'service used')).toMatchObject([
        {
          peer: bob.peer.key,
          service: 'oracle',
          sentBytes: 9,
          receivedBytes: 8,
          ms: expect.any(Number),
          end: 'whole',
        },
      ]);
    });
    expect(JSON.stringify(ada.logged)).not.toMatch(/question|forty-two/);
  });
});

describe('limits', () => {
  test('limits - names, targets and audiences that cannot be are refused before anything is done', async () => {
    const { ada, bob } = await pair();
    const add = (name: string, target: string, audience: 'everyone' | string[] = 'everyone') => {
      return () => ada.forwarding.expose({ name, target, audience });
    };
    for (const name of ['', 'Web', '-web', 'a b', 'a/b', 'ä', 'x'.repeat(64)]) {
      expect(add(name, '80')).toThrow(expect.objectContaining({ code: 'service-name' }));
    }
    for (const target of ['', 'web', '0', 'a b:80', 'host:99999', 'unix:x', 'http://a:80']) {
      expect(add('web', target)).toThrow(expect.objectContaining({ code: 'service-target' }));
    }
    expect(add('web', '80', [])).toThrow(expect.objectContaining({ code: 'service-contact' }));
    expect(add('web', '80', [ada.peer.key])).toThrow(
      expect.objectContaining({ code: 'service-contact' }),
    );
    expect(ada.forwarding.services()).toEqual([]);
    add('x'.repeat(63), '80')();
    expect(add('x'.repeat(63), '81')).toThrow(expect.objectContaining({ code: 'service-exists' }));
    expect(() => ada.forwarding.unexpose('web')).toThrow(
      expect.objectContaining({ code: 'service-missing' }),
    );
    const forward = (peer: string, service: string, listen: string) =>
      bob.forwarding.forward({ peer, service, listen, allowRemote: false });
    const { key } = ada.peer;
    await expect(forward(bob.peer.key, 'web', '0')).rejects.toMatchObject({
      code: 'service-contact',
    });
    await expect(forward(key, 'Web', '0')).rejects.toMatchObject({ code: 'service-name' });
    await expect(forward(key, 'web', 'host:80')).rejects.toMatchObject({ code: 'forward-address' });
    await expect(forward(key, 'web', '[::]:0')).rejects.toMatchObject({
      code: 'forward-not-loopback',
    });
    expect(bob.forwarding.forwards()).toEqual([]);
  });

  test('limits - an address that is taken is said to be, and nothing is kept', async () => {
    const { ada, bob } = await pair();
    const { target } = await program(begin);
    const forward = (listen: string) =>
      bob.forwarding.forward({ peer: ada.peer.key, service: 'web', listen, allowRemote: false });
    await expect(forward(target)).rejects.toMatchObject({ code: 'forward-in-use' });
    await expect(forward('unix:/nowhere/at/all')).rejects.toMatchObject({
      code: 'forward-unusable',
    });
    await expect(forward('unix:/etc/hostname')).rejects.toMatchObject({ code: 'forward-in-use' });
    expect(bob.forwarding.forwards()).toEqual([]);
    const port = await freePort();
    expect(await forward(`localhost:${port}`)).toMatchObject({ listen: `127.0.0.1:${port}` });
  });

  test('limits - a contact that knows no services, and one that is away, are told apart', async () => {
    const { ada, bob } = await pair();
    await ada.forwarding[Symbol.asyncDispose]();
    const open = () =>
      bob.forwarding.openPipe(
        { peer: ada.peer.key, service: 'web', folder: '/tmp' },
        AbortSignal.timeout(20_000),
      );
    await expect(open()).rejects.toMatchObject({ code: 'service-unsupported' });
    const { listen } = await bob.forwarding.forward({
      peer: ada.peer.key,
      service: 'web',
      listen: '0',
      allowRemote: false,
    });
    await ada.peer.links.stop();
    await eventually(() => expect(bob.peer.links.list()).toEqual([]));
    const [, seen] = await Promise.all([
      expect(open()).rejects.toMatchObject({ code: 'service-offline' }),
      dial(listen).then(fate),
    ]);
    expect(seen).toBe('ECONNRESET');
    expect(bob.forwarding.forwards()).toMatchObject([{ error: { code: 'service-offline' } }]);
  });
});
