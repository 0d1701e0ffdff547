import { connect, Events, type NatsConnection } from 'nats';
import { describe, expect, it } from 'vitest';
import type { Peer } from '../../main/peer/types.ts';
import { parseConfig } from '../../main/peer/config.ts';
import { introduce, TestPeers, until } from './peers-support.ts';

const text = new TextEncoder();

/** A host whose router a guest reaches through a bridge of its own. */
async function bridged(peers: TestPeers): Promise<{ host: Peer; guest: Peer; url: string }> {
  const host = await peers.start('host');
  const plain = await peers.start('guest');
  await introduce(host, plain);
  await plain.stop();
  const guest = await peers.start('guest', {
    router: { bridges: [{ listen: '127.0.0.1:0', peer: host.key }] },
  });
  await until(() => guest.links.get(host.key) !== undefined, 'the link');
  return { host, guest, url: guest.router.status().bridges[0]?.address ?? '' };
}

/** Rejections and closes that the client tells of. */
async function statuses(client: NatsConnection, seen: string[]): Promise<void> {
  for await (const { type, data } of client.status()) {
    if (type === Events.Error) seen.push(String(data));
  }
}

describe("a contact on this peer's router", () => {
  it('gets in through a bridge with any NATS client, as the account of its key', async () => {
    await using peers = new TestPeers();
    const { host, guest, url } = await bridged(peers);
    const client = await connect({ servers: url, reconnect: false });
    const inbox = client.subscribe('_INBOX.mine', { max: 1 });
    client.publish('_INBOX.mine', text.encode('to myself'));
    for await (const message of inbox) expect(message.string()).toBe('to myself');
    expect(host.router.status()).toMatchObject({ clients: 1, addresses: [] });
    // Nothing of it is seen in the host's own account.
    let leaked = 0;
    host.router.client().subscribe('>', () => leaked++);
    client.publish('_INBOX.other', text.encode('x'));
    await client.flush();
    expect(leaked).toBe(0);
    expect(guest.router.status().clients).toBe(0);
    await client.close();
    await until(() => host.router.status().clients === 0, 'the end');
  });

  it('may use its own inbox and nothing else, until a feature exports more', async () => {
    await using peers = new TestPeers();
    const { host, guest, url } = await bridged(peers);
    const own = host.router.client();
    own.subscribe('svc.echo', (message) => message.respond(message.payload));
    own.subscribe('svc.secret', (message) => message.respond(message.payload));
    const client = await connect({ servers: url, reconnect: false });
    const seen: string[] = [];
    void statuses(client, seen);
    client.publish('svc.echo', text.encode('early'));
    client.subscribe('news.>', { callback: () => undefined });
    await client.flush();
    await until(() => seen.length === 2, 'two violations');

    const end = host.router.exports.add({ kind: 'service', subject: 'svc.echo' });
    host.router.exports.add({
      kind: 'stream',
      subject: 'news.>',
      allows: (key) => key === guest.key,
    });
    host.router.exports.add({ kind: 'service', subject: 'svc.secret', allows: () => false });
    const answer = await client.request('svc.echo', text.encode('hello'), { timeout: 5_000 });
    expect(answer.string()).toBe('hello');
    await expect(client.request('svc.secret', text.encode(''), { timeout: 300 })).rejects.toThrow();
    const news = client.subscribe('news.>', { max: 1 });
    await client.flush();
    own.publish('news.today', text.encode('fresh'));
    for await (const message of news) {
      expect([message.subject, message.string()]).toEqual(['news.today', 'fresh']);
    }
    end();
    await expect(client.request('svc.echo', text.encode(''), { timeout: 300 })).rejects.toThrow();
    await client.close();
  });

  it('large messages and many of them come through the link', async () => {
    await using peers = new TestPeers();
    const { host, url } = await bridged(peers);
    host.router.exports.add({ kind: 'service', subject: 'sum' });
    host.router.client().subscribe('sum', (message) => {
      const total = message.payload.reduce((sum, byte) => sum + byte, 0);
      message.respond(text.encode(String(total)));
    });
    const client = await connect({ servers: url, reconnect: false });
    const large = await client.request('sum', new Uint8Array(1_000_000).fill(1), {
      timeout: 10_000,
    });
    expect(large.string()).toBe('1000000');
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, i) =>
        client.request('sum', new Uint8Array(i).fill(1), { timeout: 10_000 }),
      ),
    );
    expect(answers.map((one) => Number(one.string()))).toEqual(answers.map((_, i) => i));
    await client.close();
  });

  it('is closed at once when the contact is removed', async () => {
    await using peers = new TestPeers();
    const { host, guest, url } = await bridged(peers);
    const client = await connect({ servers: url, reconnect: false });
    host.contacts.remove(guest.key);
    await client.closed();
    expect(host.router.status().clients).toBe(0);
    await expect(connect({ servers: url, reconnect: false, timeout: 300 })).rejects.toThrow();
  });

  it('is closed when this peer stops, which takes no longer for it', async () => {
    await using peers = new TestPeers();
    const { host, url } = await bridged(peers);
    const client = await connect({ servers: url, reconnect: false });
    const began = performance.now();
    await host.stop();
    await client.closed();
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('gets no further connection above the bound, and the others stay', async () => {
    await using peers = new TestPeers();
    const { host, guest } = await bridged(peers);
    const opened = await Promise.allSettled(
      Array.from({ length: 66 }, () => guest.router.open(host.key)),
    );
    const streams = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    for (const stream of streams) stream.on('error', () => undefined).resume();
    const standing = (): number => streams.filter((stream) => !stream.destroyed).length;
    await until(() => standing() <= 64 && host.router.status().clients === 64, 'the refusals');
    expect(standing()).toBe(64);
    for (const stream of streams) stream.destroy();
    await until(() => host.router.status().clients === 0, 'the end');
  });
});

describe("the peer's router", () => {
  it('listens only where it was told to, and clients of this machine share its account', async () => {
    await using peers = new TestPeers();
    const unix = process.platform === 'win32' ? '\\\\.\\pipe\\skerry-test' : peers.path('r.sock');
    const peer = await peers.start('one', {
      router: {
        listen: '127.0.0.1:0',
        unix,
        websocket: { listen: '127.0.0.1:0' },
        authorization: { token: 'secret' },
      },
    });
    const { addresses } = peer.router.status();
    expect(addresses).toHaveLength(3);
    expect(addresses[1]).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/);
    expect(addresses[2]).toBe(unix);
    await expect(connect({ servers: addresses[0] ?? '', reconnect: false })).rejects.toThrow();
    const client = await connect({ servers: addresses[0] ?? '', token: 'secret' });
    peer.router.client().subscribe('hi', (message) => message.respond(text.encode('there')));
    expect((await client.request('hi')).string()).toBe('there');
    expect(peer.router.status()).toMatchObject({ clients: 1 });
    expect(peer.router.status().inMessages).toBeGreaterThan(1);
    await client.close();
  });

  it('joins the router of a contact as a leaf where both say so', async () => {
    await using peers = new TestPeers();
    const stranger = await peers.start('guest');
    await stranger.stop();
    const hub = await peers.start('host', {
      router: { leaves: [{ peer: stranger.key, subjects: ['shared.>'] }] },
    });
    const leaf = await peers.start('guest', {
      router: { leaves: [{ peer: hub.key, dial: true }] },
    });
    await introduce(hub, leaf);
    const got: string[] = [];
    hub.router.client().subscribe('shared.up', ({ subject }) => got.push(subject));
    hub.router.client().subscribe('private.up', ({ subject }) => got.push(subject));
    leaf.router.client().subscribe('shared.down', ({ subject }) => got.push(subject));
    const up = leaf.router.client();
    const down = hub.router.client();
    await until(() => {
      up.publish('private.up');
      up.publish('shared.up');
      down.publish('shared.down');
      return got.includes('shared.up') && got.includes('shared.down');
    }, 'messages in both directions');
    expect(got).not.toContain('private.up');
  });

  it('a listener for others than this machine needs authorization, a bridge is local', () => {
    const key = `A${'B'.repeat(55)}`;
    for (const router of [
      { listen: '0.0.0.0:4222' },
      { websocket: { listen: '192.0.2.1:8080' } },
      { listen: 'nonsense' },
      { listen: '127.0.0.1:99999' },
      { unix: 'relative' },
      { bridges: [{ listen: '0.0.0.0:4222', peer: key }] },
      { bridges: [{ listen: '127.0.0.1:4222', peer: 'SEED' }] },
    ]) {
      expect(() => parseConfig({ router }, 'here')).toThrow(
        expect.objectContaining({ code: 'config-invalid' }),
      );
    }
    const router = { listen: '0.0.0.0:4222', authorization: { user: 'u', password: 'p' } };
    expect(parseConfig({ router }, 'here').router.listen).toBe('0.0.0.0:4222');
    expect(() => parseConfig({ router: { lisen: 1 } }, 'here')).toThrow(/router\.listen/);
  });
});
