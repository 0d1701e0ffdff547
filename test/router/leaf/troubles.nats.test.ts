import { describe, expect, it } from 'vitest';
import { startServer } from '../support/router-process.ts';
import { bothRoles, Couple, LEAF_LISTENER, startSide } from './sides.ts';
import {
  clientOf,
  collected,
  joined,
  nobodyAnswers,
  reaches,
  remoteTo,
  startLeafRouter,
  until,
} from './support.ts';

const leafUrl = (port: number | undefined): string => `nats-leaf://127.0.0.1:${String(port)}`;

describe.each(bothRoles)('limits between leaf nodes - $leaf at $hub', (kinds) => {
  it('deny lists of a remote', async () => {
    await using couple = await Couple.start(
      kinds,
      LEAF_LISTENER,
      ({ leafPort }) =>
        `leafnodes { reconnect: 1, remotes: [ { url: "${leafUrl(leafPort)}",
          deny_imports: ["secret.in.>"], deny_exports: ["secret.out.>"] } ] }`,
    );
    const [up, down] = [await couple.atHub(), await couple.atLeaf()];
    const atHub = collected(up.subscribe('>'));
    const atLeaf = collected(down.subscribe('secret.>'));
    down.subscribe('secret.in.ask', { callback: (_error, message) => message.respond() });
    await Promise.all([reaches(up, down), reaches(down, up)]);
    up.publish('secret.in.x', 'denied in');
    up.publish('secret.x', 'allowed in');
    down.publish('secret.out.x', 'denied out');
    down.publish('open', 'allowed out');
    await Promise.all([up.flush(), down.flush()]);
    await until(
      'what is allowed',
      () => atLeaf.includes('allowed in') && atHub.includes('allowed out'),
    );
    await Promise.all([reaches(up, down), reaches(down, up)]);
    expect(atLeaf).not.toContain('denied in');
    expect(atHub).not.toContain('denied out');
    await expect(up.request('secret.in.ask', undefined, { timeout: 300 })).rejects.toThrow();
  });

  it('permissions of the user that a leaf node is', async () => {
    await using couple = await Couple.start(
      kinds,
      `accounts { A { users: [ { user: a, password: x }, { user: leaf, password: y,
        permissions: { publish: ["up.>", "probe.>", "_INBOX.>"], subscribe: ["down.>", "probe.>", "_INBOX.>"] } } ] } }
        ${LEAF_LISTENER}`,
      ({ leafPort }) =>
        `leafnodes { reconnect: 1, remotes: [ { url: "nats-leaf://leaf:y@127.0.0.1:${String(leafPort)}" } ] }`,
    );
    const [up, down] = [await couple.atHub({ user: 'a', pass: 'x' }), await couple.atLeaf()];
    const atHub = collected(up.subscribe('>'));
    // Broader than allowed: what comes through is looked at one by one.
    const atLeaf = collected(down.subscribe('>'));
    down.subscribe('other.literal', { callback: (_error, message) => message.respond() });
    await Promise.all([reaches(up, down), reaches(down, up)]);
    for (const subject of ['down.x', 'other.x']) up.publish(subject, subject);
    for (const subject of ['up.x', 'other.y']) down.publish(subject, subject);
    await Promise.all([up.flush(), down.flush()]);
    await until('what is allowed', () => atLeaf.includes('down.x') && atHub.includes('up.x'));
    await Promise.all([reaches(up, down), reaches(down, up)]);
    expect(atLeaf).not.toContain('other.x');
    expect(atHub).not.toContain('other.y');
  });

  it('services and streams of other accounts reach through', async () => {
    await using couple = await Couple.start(
      kinds,
      `accounts {
        A { users: [ { user: a, password: x } ], exports: [ { stream: "news.>" }, { service: "svc" } ] }
        B { users: [ { user: b, password: x }, { user: leaf, password: y } ],
            imports: [ { stream: { account: A, subject: "news.>" } }, { service: { account: A, subject: "svc" } } ] } }
      ${LEAF_LISTENER}`,
      ({ leafPort }) =>
        `leafnodes { reconnect: 1, remotes: [ { url: "nats-leaf://leaf:y@127.0.0.1:${String(leafPort)}" } ] }`,
    );
    const up = await couple.atHub({ user: 'a', pass: 'x' });
    const inB = await couple.atHub({ user: 'b', pass: 'x' });
    const down = await couple.atLeaf();
    up.subscribe('svc', { callback: (_error, message) => message.respond('served') });
    await up.flush();
    const news = collected(down.subscribe('news.*'));
    await Promise.all([reaches(down, inB), reaches(inB, down)]);
    expect((await down.request('svc')).string()).toBe('served');
    up.publish('news.today', 'rain');
    await until('the news', () => news.length > 0);
    expect(news).toEqual(['rain']);
  });

  it('cluster names that are the same', async () => {
    await using couple = await Couple.start(
      kinds,
      // A server with remotes is a cluster of its own name.
      `server_name: same\nleafnodes { listen: "127.0.0.1:-1", remotes: [ { url: "nats-leaf://127.0.0.1:1" } ] }`,
      ({ leafPort }) =>
        `server_name: same\nleafnodes { remotes: [ { url: "${leafUrl(leafPort)}" } ] }`,
    );
    await couple.logged('leaf', /remote leafnode has same cluster name/);
    await couple.logged('hub', /Leafnode connection closed: Cluster Name/);
  });

  it('a version that is too old', async () => {
    await using couple = await Couple.start(
      kinds,
      'leafnodes { listen: "127.0.0.1:-1", min_version: 2.99.0 }',
      ({ leafPort }) => `leafnodes { remotes: [ { url: "${leafUrl(leafPort)}" } ] }`,
    );
    await couple.logged('leaf', /connection rejected since minimum version required is "2\.99\.0"/);
  });
});

describe('leaf nodes that come back', () => {
  it('a nats-server as hub that was killed and started again', async () => {
    await using hub = await startServer('nats-server', {
      config: 'leafnodes { listen: "127.0.0.1:-1" }',
    });
    const port = hub.ports.leafnodes;
    await using leaf = await startLeafRouter({ leafnodes: remoteTo(leafUrl(port)) });
    await joined(leaf);
    const down = await clientOf(leaf.port);
    const got = collected(down.subscribe('after.all'));
    await hub.start(`leafnodes { listen: "127.0.0.1:${String(port)}" }`);
    const up = await clientOf(hub.ports.client);
    await reaches(down, up);
    up.publish('after.all', 'here again');
    await until('the message', () => got.length > 0);
    await Promise.all([up.close(), down.close()]);
  });

  it('a nats-server as leaf node that was killed and started again', async () => {
    await using hub = await startLeafRouter();
    const config = `leafnodes { remotes: [ { url: "${hub.leafUrl}" } ] }`;
    await using leaf = await startServer('nats-server', { config });
    await joined(hub);
    const up = await clientOf(hub.port);
    const before = await clientOf(leaf.ports.client);
    before.subscribe('gone', { callback: () => undefined });
    await reaches(before, up);
    await leaf.stop('SIGKILL');
    await nobodyAnswers(up, 'gone');
    await leaf.start(config);
    const down = await clientOf(leaf.ports.client);
    const got = collected(down.subscribe('after.all'));
    await reaches(down, up);
    up.publish('after.all', 'here again');
    await until('the message', () => got.length > 0);
    await Promise.all([up.close(), down.close()]);
  });
});

describe('loops', () => {
  it('of three, with a nats-server in it, is found and cut', async () => {
    await using first = await startLeafRouter({ serverName: 'first' });
    await using second = await startSide(
      'nats-server',
      `server_name: second\nleafnodes { listen: "127.0.0.1:-1", remotes: [ { url: "${first.leafUrl}" } ] }`,
    );
    await joined(first);
    await using third = await startLeafRouter({
      serverName: 'third',
      leafnodes: {
        ...remoteTo(leafUrl(second.leafPort)),
        listen: { host: '127.0.0.1', port: 0 },
      },
    });
    await joined(third);
    // The circle closes: the first one is a leaf node of the third.
    await using closing = await startSide(
      'nats-server',
      `server_name: fourth\nleafnodes { remotes: [ { url: "${first.leafUrl}" }, { url: "${third.leafUrl}" } ] }`,
    );
    const logs = () => [...first.lines, ...third.lines, second.log(), closing.log()].join('\n');
    await until('the loop', () => logs().includes('Loop detected for leafnode account="$G"'));
    const [up, down] = [await clientOf(first.port), await clientOf(third.port)];
    const got = collected(down.subscribe('once'));
    await reaches(down, up);
    up.publish('once', 'x');
    await reaches(down, up);
    expect(got).toEqual(['x']);
    await Promise.all([up.close(), down.close()]);
  });
});
