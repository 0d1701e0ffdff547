import { afterEach, expect, test } from 'vitest';
import type { AccountOptions } from '../../../main/router/options.ts';
import { open, pub, routerOptions, startRouter, type TestWire } from './wires.ts';

const wires: TestWire[] = [];
afterEach(() => {
  for (const wire of wires.splice(0)) wire.close();
});

type Started = Awaited<ReturnType<typeof startRouter>>;

async function join(router: Started, account: string, fields?: object): Promise<TestWire> {
  const wire = await open(router, account, fields);
  wires.push(wire);
  return wire;
}

const A: AccountOptions = {
  name: 'A',
  exports: [
    { kind: 'stream', subject: 'news.>' },
    { kind: 'service', subject: 'svc' },
  ],
};
const importing: AccountOptions = {
  name: 'B',
  imports: [
    { kind: 'stream', account: 'A', subject: 'news.>', to: 'world.>' },
    { kind: 'service', account: 'A', subject: 'svc' },
  ],
};

test('accounts - a reload adds and removes imports under live connections', async () => {
  await using router = await startRouter([A, { name: 'B' }]);
  const a = await join(router, 'A');
  const b = await join(router, 'B');
  b.send('SUB world.* 1', 'SUB in.* 2', 'SUB news.* 3');
  a.send('SUB svc 1');
  await Promise.all([a.flush(), b.flush()]);
  const round = async (label: string): Promise<void> => {
    a.send(pub('news.x', label));
    b.send(pub('svc', label, 'in.1'));
    await a.flush();
    await b.flush();
    await a.flush();
  };
  await round('before');
  await router.reload(routerOptions([A, importing]));
  await round('during');
  await router.reload(
    routerOptions([
      A,
      { name: 'B', imports: [{ kind: 'stream', account: 'A', subject: 'news.>' }] },
    ]),
  );
  await round('renamed');
  await router.reload(routerOptions([A, { name: 'B' }]));
  await round('after');
  expect(a.messages).toEqual(['svc during']);
  // The first, third and last request have had no responders.
  expect(b.messages).toEqual(['in.1 ', 'world.x during', 'news.x renamed', 'in.1 ', 'in.1 ']);
  expect([a.closed, b.closed]).toEqual([false, false]);
});

test('accounts - requests under way are answered across reloads, all of them', async () => {
  const COUNT = 5_000;
  await using router = await startRouter([A, importing]);
  const a = await join(router, 'A');
  const b = await join(router, 'B');
  a.send('SUB svc 1');
  b.send('SUB in.* 1');
  await Promise.all([a.flush(), b.flush()]);
  const requests = Array.from({ length: COUNT }, (_, i) =>
    pub('svc', String(i), `in.${String(i)}`),
  );
  b.send(...requests.slice(0, COUNT / 2));
  await b.flush();
  await router.reload(routerOptions([A, { ...importing, mappings: [mapping] }]));
  b.send(...requests.slice(COUNT / 2));
  await b.flush();
  await router.reload(routerOptions([A, { name: 'B' }]));
  await a.until(() => a.messages.length === COUNT);
  a.send(...a.replies.map((reply) => pub(reply, 'yes')));
  await b.until(() => b.messages.length === COUNT);
  expect(new Set(b.messages).size).toBe(COUNT);
  expect(b.messages.every((message) => /^in\.\d+ yes$/.test(message))).toBe(true);
}, 15_000);

const mapping = { source: 'unused', destinations: [{ subject: 'other', weight: 100 }] };

test('accounts - a reload that cannot be changes nothing', async () => {
  await using router = await startRouter([A, importing]);
  const a = await join(router, 'A');
  const b = await join(router, 'B');
  b.send('SUB world.> 1');
  await b.flush();
  await expect(router.reload(routerOptions([{ name: 'A' }, importing]))).rejects.toThrow(
    'Error adding stream import "news.>": stream import not authorized',
  );
  a.send(pub('news.x', 'still'));
  await a.flush();
  await b.flush();
  expect(b.messages).toEqual(['world.x still']);
});

test('accounts - a service that takes too long is not waited for', async () => {
  const slow: AccountOptions = {
    name: 'A',
    exports: [
      {
        kind: 'service',
        subject: 'svc',
        responseThreshold: 40,
        latency: { subject: 'took', sampling: 100 },
      },
    ],
  };
  const B: AccountOptions = {
    name: 'B',
    imports: [{ kind: 'service', account: 'A', subject: 'svc' }],
  };
  await using router = await startRouter([slow, B]);
  const a = await join(router, 'A');
  const b = await join(router, 'B');
  a.send('SUB svc 1', 'SUB took 2');
  b.send('SUB in.* 1');
  await Promise.all([a.flush(), b.flush()]);
  b.send(pub('svc', 'one', 'in.1'), pub('svc', 'two', 'in.2'));
  await a.until(() => a.replies.length === 2);
  a.send(pub(a.replies[0] ?? '', 'in time'));
  await a.until(() => (a.text.match(/"status":\d+/g) ?? []).length === 2);
  a.send(pub(a.replies[1] ?? '', 'late'));
  await a.flush();
  await b.flush();
  expect(a.text.match(/"status":\d+/g)).toEqual(['"status":200', '"status":504']);
  expect(b.messages).toEqual(['in.1 in time']);
});

test('accounts - several answers keep a request alive', async () => {
  const streaming: AccountOptions = {
    name: 'A',
    exports: [{ kind: 'service', subject: 'svc', responseType: 'stream', responseThreshold: 200 }],
  };
  await using router = await startRouter([
    streaming,
    { name: 'B', imports: [{ kind: 'service', account: 'A', subject: 'svc' }] },
  ]);
  const a = await join(router, 'A');
  const b = await join(router, 'B');
  a.send('SUB svc 1');
  b.send('SUB in.* 1');
  await Promise.all([a.flush(), b.flush()]);
  b.send(pub('svc', 'go', 'in.1'));
  await a.until(() => a.replies.length === 1);
  const [reply = ''] = a.replies;
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setTimeout(resolve, 80));
    a.send(pub(reply, String(i)));
  }
  await b.until(() => b.messages.length === 4);
  await new Promise((resolve) => setTimeout(resolve, 300));
  a.send(pub(reply, 'late'));
  await a.flush();
  await b.flush();
  expect(b.messages).toEqual(['in.1 0', 'in.1 1', 'in.1 2', 'in.1 3']);
});

test('accounts - who leaves with a wildcard inbox is not answered, and others are', async () => {
  await using router = await startRouter([A, importing]);
  const a = await join(router, 'A');
  const b = await join(router, 'B');
  const other = await join(router, 'B');
  a.send('SUB svc 1');
  b.send('SUB mine.* 1');
  other.send('SUB yours.* 1');
  await Promise.all([a.flush(), b.flush(), other.flush()]);
  b.send(pub('svc', 'x', 'mine.1'), pub('svc', 'x', 'mine.2'));
  await b.flush();
  other.send(pub('svc', 'x', 'yours.1'));
  await a.until(() => a.replies.length === 3);
  b.close();
  await b.ended();
  await other.flush();
  a.send(...a.replies.map((reply) => pub(reply, 'yes')));
  await a.flush();
  await other.flush();
  expect(other.messages).toEqual(['yours.1 yes']);
});

test('accounts - limits of connections, subscriptions and payloads', async () => {
  await using router = await startRouter([
    { name: 'L', limits: { maxConnections: 2, maxSubscriptions: 1, maxPayload: 4 } },
  ]);
  const first = await join(router, 'L');
  const second = await join(router, 'L');
  await expect(open(router, 'L')).rejects.toThrow('maximum account active connections exceeded');
  first.send('SUB a 1', 'SUB b 2');
  await first.flush();
  expect(first.text).toContain("-ERR 'maximum subscriptions exceeded'");
  expect(first.text).toContain('"max_payload":4');
  second.send(pub('a', '1234'), pub('a', '12345'));
  expect(await second.ended()).toContain("-ERR 'Maximum Payload Violation'");
  await first.until(() => first.messages.length === 1);
  expect(first.messages).toEqual(['a 1234']);
  await join(router, 'L');
});

test('accounts - limits that a reload changes hold for those who are there', async () => {
  const limited = (maxPayload: number): AccountOptions[] => [
    { name: 'L', limits: { maxPayload, maxConnections: 1 } },
  ];
  await using router = await startRouter([{ name: 'L' }]);
  const one = await join(router, 'L');
  const two = await join(router, 'L');
  await router.reload(routerOptions(limited(4)));
  await Promise.all([one.flush(), two.flush()]);
  one.send(pub('x', '12345'));
  expect(await one.ended()).toContain("-ERR 'Maximum Payload Violation'");
  await expect(open(router, 'L')).rejects.toThrow('maximum account active connections exceeded');
  expect(two.closed).toBe(false);
});

test('accounts - an account that goes takes its imports and exports along', async () => {
  await using router = await startRouter([A, importing]);
  const b = await join(router, 'B');
  b.send('SUB world.> 1', 'SUB in.* 2');
  await b.flush();
  await router.reload(routerOptions([{ name: 'B' }]));
  b.send(pub('svc', 'x', 'in.1'));
  await b.flush();
  expect(b.messages).toEqual(['in.1 ']);
  await router.reload(routerOptions([A, importing]));
  const a = await join(router, 'A');
  a.send(pub('news.x', 'back'));
  await a.flush();
  await b.flush();
  expect(b.messages).toEqual(['in.1 ', 'world.x back']);
});

test('accounts - clients in this process take part', async () => {
  await using router = await startRouter([A, importing]);
  const a = router.client({ account: 'A' });
  const b = router.client({ account: 'B' });
  const got: string[] = [];
  b.subscribe('world.>', ({ subject, payload }) => got.push(`${subject} ${String(payload)}`), {
    max: 2,
  });
  a.subscribe('svc', (message) => message.respond(Buffer.from('yes')));
  for (const body of ['1', '2', '3']) a.publish('news.x', Buffer.from(body));
  const answer = await b.request('svc');
  expect(Buffer.from(answer.payload).toString()).toBe('yes');
  expect(got.map((each) => each.replace(/ .*/, ''))).toEqual(['world.x', 'world.x']);
  a.close();
  await expect(b.request('svc')).rejects.toMatchObject({ code: 'router-no-responders' });
});
