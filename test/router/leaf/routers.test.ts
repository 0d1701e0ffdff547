import { duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { RawClient } from '../listen/support.ts';
import {
  clientOf,
  collected,
  joined,
  type LeafRouter,
  LOOPBACK,
  nobodyAnswers,
  reaches,
  remoteTo,
  startLeafRouter,
  until,
} from './support.ts';

const HELLO = {
  version: '2.10.27',
  name: 'raw',
  headers: true,
  server_id: 'N',
  remote_account: 'R',
};

/** A leaf connection that has said CONNECT. */
async function rawLeaf(hub: LeafRouter, fields: object = {}): Promise<RawClient> {
  const raw = RawClient.to(hub.leafPort);
  await raw.until('\r\n');
  raw.send(`CONNECT ${JSON.stringify({ ...HELLO, ...fields })}\r\nPING\r\n`);
  await raw.until('PONG');
  return raw;
}

const leafOf = (hub: LeafRouter, more: object = {}) =>
  startLeafRouter({ leafnodes: remoteTo(hub.leafUrl, more) });

describe('routers as leaf nodes of routers', () => {
  it('carry messages over two of them', async () => {
    await using top = await startLeafRouter();
    await using middle = await startLeafRouter({
      leafnodes: { ...remoteTo(top.leafUrl), listen: LOOPBACK },
    });
    await using bottom = await leafOf(middle);
    const [up, down] = [await clientOf(top.port), await clientOf(bottom.port)];
    const [atTop, atBottom] = [collected(up.subscribe('x.*')), collected(down.subscribe('y.>'))];
    await Promise.all([reaches(up, down), reaches(down, up)]);
    down.publish('x.1', 'to the top');
    up.publish('y.1', 'to the bottom');
    await until('both', () => atTop.length + atBottom.length === 2);
    expect([atTop, atBottom]).toEqual([['to the top'], ['to the bottom']]);
    await Promise.all([up.close(), down.close()]);
  });

  it('do not pass on what one hub wants to the other', async () => {
    await using one = await startLeafRouter();
    await using other = await startLeafRouter();
    await using leaf = await startLeafRouter({
      leafnodes: { remotes: [{ urls: [one.leafUrl] }, { urls: [other.leafUrl] }] },
    });
    await joined(leaf, 2);
    const [atOne, atOther, atLeaf] = [
      await clientOf(one.port),
      await clientOf(other.port),
      await clientOf(leaf.port),
    ];
    atOne.subscribe('wanted', { callback: (_error, message) => message.respond() });
    await reaches(atOne, atLeaf);
    await expect(atOther.request('wanted')).rejects.toMatchObject({ code: '503' });
    await Promise.all([atOne.close(), atOther.close(), atLeaf.close()]);
  });

  it('one remote may be the hub of whom it dials', async () => {
    await using dialled = await startLeafRouter();
    await using hub = await leafOf(dialled, { hub: true });
    await using other = await leafOf(dialled);
    await joined(dialled, 2);
    expect([...hub.router.leafs].map(({ isSpoke }) => isSpoke)).toEqual([false]);
    expect([...dialled.router.leafs].filter(({ isSpoke }) => isSpoke)).toHaveLength(1);
    const [up, far] = [await clientOf(hub.port), await clientOf(other.port)];
    await Promise.all([reaches(up, far), reaches(far, up)]);
    await Promise.all([up.close(), far.close()]);
  });

  it('a hub that stops and comes back has everything again', async () => {
    let hub = await startLeafRouter();
    const port = hub.leafPort;
    await using leaf = await leafOf(hub);
    await joined(leaf);
    const down = await clientOf(leaf.port);
    const got = collected(down.subscribe('after.all'));
    await hub[Symbol.asyncDispose]();
    await joined(leaf, 0);
    hub = await startLeafRouter({ leafnodes: { listen: { host: '127.0.0.1', port } } });
    try {
      const up = await clientOf(hub.port);
      await reaches(down, up);
      up.publish('after.all', 'here again');
      await until('the message', () => got.length > 0);
      await Promise.all([up.close(), down.close()]);
    } finally {
      await hub[Symbol.asyncDispose]();
    }
  });

  it('a remote finds another address of the hub', async () => {
    await using hub = await startLeafRouter();
    await using leaf = await startLeafRouter({
      leafnodes: {
        reconnectInterval: 20,
        remotes: [{ urls: ['nats-leaf://127.0.0.1:1', hub.leafUrl], noRandomize: true }],
      },
    });
    await joined(leaf);
    const refused = leaf.lines.find((line) => line.startsWith('Error trying to connect'));
    expect(refused).toContain('remote server "127.0.0.1:1" (attempt 1): connection refused');
  });

  it('a circle of three is cut, and nothing goes around', async () => {
    await using a = await startLeafRouter({ serverName: 'a' });
    await using b = await startLeafRouter({
      serverName: 'b',
      leafnodes: { ...remoteTo(a.leafUrl), listen: LOOPBACK },
    });
    await joined(a);
    await using c = await startLeafRouter({ serverName: 'c', leafnodes: remoteTo(a.leafUrl) });
    await joined(c);
    const [first] = c.router.leafs;
    const both = [{ urls: [a.leafUrl] }, { urls: [b.leafUrl] }];
    await c.router.reload({
      ...c.router.options,
      leafnodes: { reconnectInterval: 50, remotes: both },
    });
    const lines = () => [...a.lines, ...b.lines, ...c.lines];
    await until('the loop', () => lines().some((line) => line.includes('Loop detected')));
    const [up, down] = [await clientOf(a.port), await clientOf(c.port)];
    const got = collected(down.subscribe('once'));
    await reaches(down, up);
    up.publish('once', 'x');
    await reaches(down, up);
    expect(got).toEqual(['x']);
    // The connection that closed the circle is the one that was cut.
    expect([...c.router.leafs]).toEqual([first]);
    const dialled = lines().filter((line) =>
      line.includes('connection created for account'),
    ).length;
    // 30 s pass before it is tried again.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(lines().filter((line) => line.includes('created for account'))).toHaveLength(dialled);
    await Promise.all([up.close(), down.close()]);
  });

  it('100,000 subscriptions come over, and go again', async () => {
    await using hub = await startLeafRouter();
    await using leaf = await leafOf(hub);
    await joined(leaf);
    const COUNT = 100_000;
    const many = RawClient.to(leaf.port);
    let lines = 'CONNECT {"verbose":false,"pedantic":false}\r\n';
    for (let i = 0; i < COUNT; i++) lines += `SUB many.${String(i)} ${String(i)}\r\n`;
    many.send(`${lines}PING\r\n`);
    await many.until('PONG');
    const { index } = hub.router.globalAccount;
    const [behind] = hub.router.leafs;
    await until(
      'all of them',
      () => behind?.subscriptions.has(`many.${String(COUNT - 1)}`) === true,
    );
    expect(index.size).toBeGreaterThan(COUNT);
    // Another hub is told of all that is there already.
    await using second = await startLeafRouter();
    await leaf.router.reload({
      ...leaf.router.options,
      leafnodes: { remotes: [{ urls: [hub.leafUrl] }, { urls: [second.leafUrl] }] },
    });
    await until('all of them at once', () => second.router.globalAccount.index.size > COUNT);
    many.socket.destroy();
    await until('none of them', () => index.size < 100);
    await until('none of them', () => second.router.globalAccount.index.size < 100);
  });

  it('mappings are asked for', async () => {
    await using hub = await startLeafRouter({
      mappings: [{ source: 'old.*', destinations: [{ subject: 'new.$1', weight: 100 }] }],
    });
    await using leaf = await leafOf(hub);
    await joined(leaf);
    const [up, down] = [await clientOf(hub.port), await clientOf(leaf.port)];
    const got = collected(up.subscribe('new.*', { queue: 'q' }));
    await reaches(up, down);
    down.publish('old.x', 'mapped');
    await until('the message', () => got.length > 0);
    await Promise.all([up.close(), down.close()]);
  });
});

describe('reload', () => {
  it('remotes come and go, and the others stay', async () => {
    await using one = await startLeafRouter();
    await using other = await startLeafRouter();
    await using leaf = await leafOf(one);
    await joined(leaf);
    const [kept] = leaf.router.leafs;
    const { options } = leaf.router;
    const both = {
      reconnectInterval: 50,
      remotes: [{ urls: [one.leafUrl] }, { urls: [other.leafUrl] }],
    };
    expect(await leaf.router.reload({ ...options, leafnodes: both })).toEqual({
      applied: ['leafnodes remotes'],
    });
    await joined(leaf, 2);
    expect([...leaf.router.leafs]).toContain(kept);
    await leaf.router.reload({
      ...options,
      leafnodes: { ...both, remotes: both.remotes.slice(1) },
    });
    await joined(leaf, 1);
    expect([...leaf.router.leafs]).not.toContain(kept);
    await joined(one, 0);
  });

  it('a login that is gone ends its leaf node; one that may do something else is told', async () => {
    const users = (leafPermissions: object | undefined) => ({
      listen: LOOPBACK,
      leafnodes: { listen: LOOPBACK },
      accounts: [
        {
          name: 'A',
          users: [
            { user: 'a', password: 'x' },
            {
              user: 'leaf',
              password: 'y',
              ...(leafPermissions && { permissions: leafPermissions }),
            },
          ],
        },
      ],
    });
    await using hub = await startLeafRouter(users(undefined));
    await using leaf = await startLeafRouter({
      leafnodes: remoteTo(hub.leafUrl.replace('://', '://leaf:y@')),
    });
    await joined(hub);
    const [before] = hub.router.leafs;
    const up = await clientOf(hub.port, { user: 'a', pass: 'x' });
    const down = await clientOf(leaf.port);
    up.subscribe('ask', { callback: (_error, message) => message.respond('yes') });
    await reaches(up, down);
    await hub.router.reload(users({ publish: { deny: ['ask'] } }));
    await nobodyAnswers(down, 'ask');
    await hub.router.reload(users(undefined));
    await until('an answer', async () => {
      const answer = await down.request('ask').catch(() => undefined);
      return answer?.string() === 'yes';
    });
    expect([...hub.router.leafs]).toEqual([before]);
    const { accounts } = users(undefined);
    await hub.router.reload({
      ...users(undefined),
      accounts: accounts.map((one) => ({ ...one, users: one.users.slice(0, 1) })),
    });
    await joined(hub, 0);
    await until('the refusal', () =>
      leaf.lines.some((line) => line.includes("Leafnode Error 'Authorization Violation'")),
    );
    await Promise.all([up.close(), down.close()]);
  });
});

describe('leaf nodes over the streams of links', () => {
  it('the key that the link has proven is the identity, and its permissions hold', async () => {
    await using hub = await startLeafRouter({ leafnodes: {}, accounts: [{ name: 'PEER' }] });
    await using leaf = await startLeafRouter({ leafnodes: {} });
    const [here, there] = duplexPair();
    const accepted = hub.router.connectLeaf(here, {
      role: 'accept',
      account: 'PEER',
      peer: 'APEERKEY',
      permissions: { publish: { allow: ['up.>', '_INBOX.>'] }, subscribe: { allow: ['down.>'] } },
    });
    const solicited = leaf.router.connectLeaf(there, {
      role: 'solicit',
      account: '$G',
      peer: 'AHUBKEY',
      denyImports: ['down.not'],
    });
    await Promise.all([joined(hub), joined(leaf)]);
    expect(accepted.leaf.admission?.user).toBe('APEERKEY');
    expect(hub.lines.some((line) => line.startsWith('APEERKEY - lid:'))).toBe(true);
    const up = hub.router.client({ account: 'PEER' });
    const down = leaf.router.client();
    const got: string[] = [];
    up.subscribe('>', (message) => got.push(`up ${message.subject}`));
    down.subscribe('>', (message) => got.push(`down ${message.subject}`));
    const asked = (router: LeafRouter, account: string, subject: string): boolean =>
      router.router.accounts.get(account)?.index.matchText(subject).leaves.length === 1;
    await until('interest', () => asked(hub, 'PEER', 'down.x') && asked(leaf, '$G', 'up.x'));
    for (const subject of ['down.x', 'down.not', 'other']) up.publish(subject);
    for (const subject of ['up.x', 'not.up']) down.publish(subject);
    await until('what may pass', () => got.includes('up up.x') && got.includes('down down.x'));
    expect(got.filter((line) => line.startsWith('down')).toSorted()).toEqual([
      'down down.x',
      'down not.up',
      'down up.x',
    ]);
    expect(got.filter((line) => line === 'up not.up')).toEqual([]);
    up.close();
    down.close();
    accepted.leaf.close('Kicked');
    await Promise.all([accepted.ended, solicited.ended]);
    expect([...leaf.router.leafs]).toEqual([]);
  });

  it('end with an account that is not there', async () => {
    await using hub = await startLeafRouter({ leafnodes: {} });
    const [here, there] = duplexPair();
    there.resume();
    const { ended } = hub.router.connectLeaf(here, { role: 'solicit', account: 'NO', peer: 'A' });
    await ended;
    expect(hub.lines.some((line) => line.includes('Missing Account'))).toBe(true);
  });
});

describe('whoever comes to the port of leaf nodes', () => {
  it('is asked for CONNECT before anything else', async () => {
    await using hub = await startLeafRouter();
    for (const line of ['LS+ foo', 'LMSG foo 1\r\nx', 'PING', 'INFO {}']) {
      const raw = RawClient.to(hub.leafPort);
      await raw.until('\r\n');
      raw.send(`${line}\r\n`);
      await raw.closed;
      expect(raw.text, line).toContain("-ERR 'Authorization Violation'\r\n");
    }
    expect(hub.router.globalAccount.index.matchText('foo').empty).toBe(true);
  });

  it('says no more in CONNECT than fits, and JSON', async () => {
    await using hub = await startLeafRouter();
    const long = RawClient.to(hub.leafPort);
    await long.until('\r\n');
    long.send(`CONNECT {"name":"${'x'.repeat(70_000)}`);
    await long.closed;
    expect(long.text).toContain("-ERR 'maximum control line exceeded'");
    for (const json of ['{', '[]', '{"name":1}', '{"deny_pub":[1]}']) {
      const raw = RawClient.to(hub.leafPort);
      await raw.until('\r\n');
      raw.send(`CONNECT ${json}\r\n`);
      await raw.closed;
      expect(raw.text.endsWith(' \r\n'), json).toBe(true);
    }
  });

  it('is told when it is a client', async () => {
    await using hub = await startLeafRouter();
    const raw = RawClient.to(hub.leafPort);
    await raw.until('\r\n');
    raw.send('CONNECT {"lang":"node","version":"1","verbose":false}\r\n');
    await raw.closed;
    expect(raw.text).toContain("-ERR 'attempted to connect to leaf node port'\r\n");
  });

  it('waits no longer for CONNECT than configured', async () => {
    await using hub = await startLeafRouter({
      leafnodes: { listen: LOOPBACK, authorization: { timeout: 50 } },
    });
    const raw = RawClient.to(hub.leafPort);
    await raw.closed;
    expect(raw.text).toContain("-ERR 'Authentication Timeout'");
  });

  it('has no more leaf nodes in an account than its limit', async () => {
    await using hub = await startLeafRouter({
      accounts: [{ name: 'A', users: [{ user: 'a', password: 'x' }], limits: { maxLeafnodes: 1 } }],
    });
    using first = await rawLeaf(hub, { user: 'a', pass: 'x', name: 'first' });
    expect(first.text).toContain('"connect_info":true');
    const second = RawClient.to(hub.leafPort);
    await second.until('\r\n');
    second.send(`CONNECT ${JSON.stringify({ ...HELLO, user: 'a', pass: 'x' })}\r\n`);
    await second.closed;
    expect(second.text).toContain("-ERR 'maximum account active connections exceeded'");
  });

  it('takes the place of its old connection', async () => {
    await using hub = await startLeafRouter();
    using old = await rawLeaf(hub);
    using fresh = await rawLeaf(hub);
    await old.closed;
    expect(old.text).toContain("-ERR 'Duplicate Remote LeafNode Connection'");
    expect([...hub.router.leafs]).toHaveLength(1);
    expect(fresh.text).toContain('LS+ $LDS.');
    using other = await rawLeaf(hub, { name: 'other' });
    expect(other.text).toContain('LS+ $LDS.');
    expect([...hub.router.leafs]).toHaveLength(2);
  });

  it('subscribes no more often than it may', async () => {
    await using hub = await startLeafRouter({ limits: { maxSubscriptions: 2 } });
    using raw = await rawLeaf(hub);
    raw.send('LS+ a\r\nLS+ b\r\nLS+ c\r\nPING\r\n');
    await raw.until("-ERR 'maximum subscriptions exceeded'");
    const [leaf] = hub.router.leafs;
    expect([...(leaf?.subscriptions.keys() ?? [])]).toEqual(['a', 'b']);
  });

  it('gets nothing back that it has sent, nor what another one of its cluster has sent', async () => {
    await using hub = await startLeafRouter();
    using one = await rawLeaf(hub, { name: 'one', cluster: 'C' });
    using two = await rawLeaf(hub, { name: 'two', cluster: 'C' });
    using far = await rawLeaf(hub, { name: 'far', cluster: 'D' });
    for (const raw of [one, two, far]) raw.send('LS+ foo\r\nLS+ foo g 1\r\nPING\r\n');
    await until('all three', () => {
      const { leaves } = hub.router.globalAccount.index.matchText('foo');
      return leaves.length === 3;
    });
    one.send('LMSG foo 1\r\nx\r\nLMSG foo | g 1\r\ny\r\nPING\r\n');
    await far.until('LMSG foo | g 1\r\ny\r\n');
    expect(far.text).toContain('LMSG foo 1\r\nx\r\n');
    expect(one.text + two.text).not.toContain('LMSG');
    expect(one.text + two.text).toContain('LS+ foo\r\n');
    expect(two.text.match(/LS\+ foo g \d+/g)).toEqual(['LS+ foo g 1']);
  });

  it('says a subject that is no longer than fits', async () => {
    await using hub = await startLeafRouter();
    const raw = await rawLeaf(hub);
    raw.send(`LS+ ${'x'.repeat(20_000)}\r\n`);
    await raw.closed;
    expect(raw.text).toContain("-ERR 'maximum control line exceeded'");
  });

  it('hears of who waits for a reply before the request, however much there is to hear', async () => {
    await using hub = await startLeafRouter();
    const client = hub.router.client();
    for (let i = 0; i < 20_000; i++) client.subscribe(`many.${String(i)}`, () => undefined);
    client.subscribe('inbox.>', () => undefined);
    const raw = RawClient.to(hub.leafPort);
    raw.send(`CONNECT ${JSON.stringify(HELLO)}\r\nLS+ svc\r\n`);
    const { index } = hub.router.globalAccount;
    while (index.matchText('svc').empty) await new Promise((resolve) => setImmediate(resolve));
    client.publish('svc', undefined, { reply: 'inbox.1' });
    await raw.until('LMSG svc inbox.1 0');
    expect(raw.text.indexOf('LS+ inbox.>')).toBeGreaterThan(0);
    expect(raw.text.indexOf('LS+ inbox.>')).toBeLessThan(raw.text.indexOf('LMSG svc'));
    await raw.until('LS+ many.19999\r\n');
    client.close();
    await raw.until('LS- inbox.>\r\n');
    raw.socket.destroy();
  });

  it('counts the weights of others', async () => {
    await using hub = await startLeafRouter();
    using one = await rawLeaf(hub, { name: 'one' });
    using two = await rawLeaf(hub, { name: 'two' });
    using three = await rawLeaf(hub, { name: 'three' });
    one.send('LS+ foo g 3\r\n');
    await three.until('LS+ foo g 3\r\n');
    two.send('LS+ foo g 4\r\n');
    await three.until('LS+ foo g 7\r\n');
    one.send('LS+ foo g 1\r\n');
    await three.until('LS+ foo g 5\r\n');
    two.socket.end();
    await three.until('LS+ foo g 1\r\n');
    one.send('LS- foo g\r\n');
    await three.until('LS- foo g\r\n');
    expect(one.text).toContain('LS+ foo g 4\r\n');
    expect(one.text).not.toContain('LS+ foo g 7');
  });
});
