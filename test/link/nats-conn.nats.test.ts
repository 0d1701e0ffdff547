import { randomBytes } from 'node:crypto';
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

describe('nats conn', () => {
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

  async function pair(): Promise<{ bob: NatsPeer; ada: NatsPeer }> {
    const config = [{ server: server.url, prefix: 'skerry' }];
    const [bob, ada] = [await startNatsPeer('Bob', config), await startNatsPeer('Ada', config)];
    peers.push(bob, ada);
    introduce(bob, ada);
    return { bob, ada };
  }

  async function session() {
    const { bob, ada } = await pair();
    const dialling = await dialled(bob, ada.signer.key, natsWay(server.url));
    const accepting = await until(
      () => ada.accepted.find(({ secrets }) => secrets.id === dialling.secrets.id),
      'the session of the acceptor',
    );
    return { bob, ada, dialling, accepting };
  }

  it('carries datagrams both ways between the two peers that established it', async () => {
    const { dialling, accepting, ada, bob } = await session();
    expect(dialling.secrets).toMatchObject({ peer: ada.signer.key, peerName: 'Ada' });
    expect(accepting.secrets).toMatchObject({ peer: bob.signer.key, peerName: 'Bob' });
    expect(dialling.conn).toMatchObject({
      kind: 'nats',
      remote: server.url,
      maxDatagram: 16_383,
    });
    const [there, back] = [received(accepting.conn), received(dialling.conn)];
    // In this order, as in QUIC: what comes from the dialler says that it is subscribed.
    dialling.conn.send(text('to Ada'));
    await until(() => there.length > 0, 'the first datagram');
    accepting.conn.send(text('to Bob'));
    await until(() => back.length > 0, 'the second datagram');
    expect([there, back]).toEqual([['to Ada'], ['to Bob']]);
  });

  it('takes a datagram of the largest size, and the buffer may be used again at once', async () => {
    const { dialling, accepting } = await session();
    const arrived: Buffer[] = [];
    accepting.conn.onDatagram = (datagram) => arrived.push(Buffer.from(datagram));
    const sent = Array.from({ length: 100 }, () => randomBytes(16_383));
    const buffer = Buffer.alloc(16_383);
    for (const datagram of sent) {
      buffer.set(datagram);
      dialling.conn.send(buffer);
    }
    await until(() => arrived.length === 100, 'all datagrams');
    expect(arrived.every((datagram, index) => datagram.equals(sent[index] ?? buffer))).toBe(true);
  });

  it('says when it is congested, calls back when there is room, and loses nothing between', async () => {
    const { dialling, accepting } = await session();
    let count = 0;
    accepting.conn.onDatagram = () => (count += 1);
    const datagram = new Uint8Array(16_383);
    let stops = 0;
    let sent = 0;
    while (sent < 2000) {
      sent += 1;
      if (dialling.conn.send(datagram)) continue;
      stops += 1;
      await new Promise<void>((resolve) => (dialling.conn.onDrain = resolve));
    }
    expect(stops).toBeGreaterThan(1);
    await until(() => count === sent, 'all datagrams');
    expect(count).toBe(2000);
  });

  it('drops what is sent past congestion instead of keeping it in memory', async () => {
    const { dialling } = await session();
    const datagram = new Uint8Array(16_383);
    const answers = Array.from({ length: 1000 }, () => dialling.conn.send(datagram));
    expect(answers.indexOf(false)).toBeGreaterThan(100);
    expect(answers.lastIndexOf(true)).toBeLessThan(300);
  });

  it('survives a restart of the server', async () => {
    const { dialling, accepting } = await session();
    let dead = false;
    for (const { conn } of [dialling, accepting]) conn.onDead = () => (dead = true);
    const [there, back] = [received(accepting.conn), received(dialling.conn)];
    const drained = new Promise<void>((resolve) => (dialling.conn.onDrain = resolve));
    await server.stop('SIGKILL');
    await until(() => !dialling.conn.send(text('lost')), 'the client to notice');
    await server.start();
    await drained;
    expect(dialling.conn.send(text('at once'))).toBe(true);
    await until(() => {
      dialling.conn.send(text('again'));
      accepting.conn.send(text('again'));
      return there.includes('again') && back.includes('again');
    }, 'datagrams after the restart');
    expect(dead).toBe(false);
  });

  it('closed by one side leaves no subscription behind and receives nothing more', async () => {
    const { dialling, accepting, ada } = await session();
    const there = received(accepting.conn);
    accepting.conn.close();
    accepting.conn.close();
    await ada.deployments.configured[0]?.connection.client?.flush();
    dialling.conn.send(text('too late'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(there).toEqual([]);
    expect(accepting.conn.send(text('nowhere'))).toBe(true);
  });

  it('dies with its source, once, and with a reason', async () => {
    const { dialling, bob } = await session();
    const reasons: string[] = [];
    dialling.conn.onDead = (reason) => reasons.push(reason.message);
    await bob.source.close();
    await bob.source.close();
    expect(reasons).toEqual(['The paths over NATS are being closed.']);
  });

  it('a datagram that its user cannot handle kills it and not the connection', async () => {
    const { dialling, accepting, ada } = await session();
    const reason = new Promise<Error>((resolve) => (accepting.conn.onDead = resolve));
    accepting.conn.onDatagram = () => {
      throw new Error('no');
    };
    dialling.conn.send(text('boom'));
    expect((await reason).message).toBe('A datagram could not be handled.');
    await ada.deployments.configured[0]?.connection.client?.flush();
    expect(ada.deployments.status()[0]?.state).toBe('connected');
  });
});
