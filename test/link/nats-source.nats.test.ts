import { randomBytes } from 'node:crypto';
import { connect } from 'nats';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startNatsServer, type NatsServer } from '../support/nats-server.ts';
import {
  dialled,
  introduce,
  natsWay,
  received,
  startNatsPeer,
  text,
  until,
  type NatsPeer,
} from './nats-support.ts';
import { createSigner } from './session-support.ts';

const soon = (): AbortSignal => AbortSignal.timeout(5000);

describe('nats source', () => {
  let server: NatsServer;
  let peers: NatsPeer[] = [];
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterEach(async () => {
    await Promise.all(peers.map((peer) => peer[Symbol.asyncDispose]()));
    peers = [];
  });
  afterAll(() => server[Symbol.asyncDispose]());

  async function start(name: string, ...servers: { server: string; prefix: string }[]) {
    const peer = await startNatsPeer(name, servers);
    peers.push(peer);
    await until(
      () => peer.deployments.status().every(({ state }) => state !== 'connecting'),
      'the first attempts',
    );
    return peer;
  }
  const here = (prefix = 'skerry') => ({ server: server.url, prefix });

  it('names each configured deployment as a way, without credentials', async () => {
    const secret = server.url.replace('nats://', 'nats://bob:hunter2@');
    const peer = await start('Bob', { server: secret, prefix: 'isles.north' });
    expect(peer.source.ways()).toEqual([natsWay(server.url, 'isles.north')]);
    expect(JSON.stringify(peer.deployments.status())).not.toContain('hunter2');
  });

  it('dials a contact on a server that only the way names', async () => {
    const ada = await start('Ada', here());
    const bob = await start('Bob');
    introduce(bob, ada);
    const { conn } = await dialled(bob, ada.signer.key, natsWay(server.url));
    const there = received((await until(() => ada.accepted[0], 'the session')).conn);
    conn.send(text('hello'));
    await until(() => there.length > 0, 'the datagram');
    expect(there).toEqual(['hello']);
    expect(bob.deployments.status()).toEqual([]);
  });

  it('a dial to somebody who is not there fails at once', async () => {
    const bob = await start('Bob', here());
    const dial = bob.source.dial(createSigner().key, natsWay(server.url), soon());
    await expect(dial).rejects.toMatchObject({ code: 'no-answer' });
  });

  it('a stranger is refused, and becomes a request with the way it came by', async () => {
    const [ada, bob] = [await start('Ada', here()), await start('Bob', here())];
    const dial = (): Promise<unknown> =>
      bob.source.dial(ada.signer.key, natsWay(server.url), soon());
    const code = await until(
      () => dial().catch(({ code }) => code !== 'no-answer' && code),
      'an answer',
    );
    expect(code).toBe('refused-unknown-peer');
    expect(ada.contacts.requests).toEqual([
      { key: bob.signer.key, name: 'Bob', way: natsWay(server.url) },
    ]);
    expect(ada.accepted).toEqual([]);
  });

  it('answers of others on the deployment are ignored, the right one counts', async () => {
    const [ada, bob] = [await start('Ada', here()), await start('Bob', here())];
    introduce(bob, ada);
    await dialled(bob, ada.signer.key, natsWay(server.url));
    const mallory = await connect({ servers: server.url });
    let asked = 0;
    mallory.subscribe(`skerry.dial.${ada.signer.key}`, {
      callback: (_error, request) => {
        asked += 1;
        for (const length of [0, 1, 400]) request.respond(randomBytes(length));
      },
    });
    await mallory.flush();
    const { secrets } = await bob.source.dial(ada.signer.key, natsWay(server.url), soon());
    expect(secrets.peer).toBe(ada.signer.key);
    await until(() => asked > 0, 'the other answers');
    await mallory.close();
  });

  it('a dial ends with its signal and leaves nothing behind', async () => {
    const bob = await start('Bob', here());
    const mallory = await connect({ servers: server.url });
    mallory.subscribe('skerry.dial.>', { callback: () => undefined });
    await mallory.flush();
    const abort = new AbortController();
    const dial = bob.source.dial(createSigner().key, natsWay(server.url), abort.signal);
    setTimeout(() => abort.abort(new Error('enough')), 50);
    await expect(dial).rejects.toThrow('enough');
    await mallory.close();
  });

  it('a dial that nobody heard is sent again', async () => {
    const bob = await start('Bob', here());
    const quiet = await connect({ servers: server.url });
    const heard: string[] = [];
    quiet.subscribe('skerry.dial.>', {
      callback: (_error, request) => heard.push(Buffer.from(request.data).toString('hex')),
    });
    await quiet.flush();
    const abort = new AbortController();
    const dial = bob.source.dial(createSigner().key, natsWay(server.url), abort.signal);
    await until(() => heard.length > 1, 'the second time');
    abort.abort(new Error('enough'));
    await expect(dial).rejects.toThrow('enough');
    expect(heard[1]).toBe(heard[0]);
    await quiet.close();
  });

  it('ways that are none are refused without touching the network', async () => {
    const bob = await start('Bob', here());
    const key = createSigner().key;
    const ways = [
      natsWay('ws://127.0.0.1:80'),
      natsWay('nats://user:password@127.0.0.1:4222'),
      natsWay(server.url, 'a.*.b'),
      natsWay(server.url, ''),
      { kind: 'udp', host: '127.0.0.1', port: 1 } as const,
    ];
    for (const way of ways) {
      await expect(bob.source.dial(key, way, soon())).rejects.toMatchObject({
        code: 'way-unusable',
      });
    }
  });

  it('a server that is not there is an unusable way', async () => {
    const bob = await start('Bob');
    const dial = bob.source.dial(createSigner().key, natsWay('nats://127.0.0.1:1'), soon());
    await expect(dial).rejects.toMatchObject({
      code: 'way-unusable',
      message: 'nats://127.0.0.1:1 does not answer.',
    });
  });
});
