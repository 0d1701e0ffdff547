import { expect, test } from 'vitest';
import { RawClient, startRouter } from '../listen/support.ts';
import { login, systemRouter } from './support.ts';

test('a client that comes and goes is told of, with what it has done', async () => {
  await using it = await systemRouter();
  const came = it.listen('$SYS.ACCOUNT.A.CONNECT');
  const went = it.listen('$SYS.ACCOUNT.*.DISCONNECT');
  const raw = await login(it.running.port, 'a', { name: 'someone', lang: 'raw', version: '1' });
  raw.send('SUB x 1\r\nPUB x 3\r\nabc\r\nPING\r\n');
  await raw.until('abc');
  raw.socket.end();
  const client = {
    acc: 'A',
    user: 'a',
    name: 'someone',
    lang: 'raw',
    ver: '1',
    host: '127.0.0.1',
    kind: 'Client',
    client_type: 'nats',
    id: raw.info()['client_id'],
  };
  expect((await came.next()).value).toMatchObject({
    type: 'io.nats.server.advisory.v1.client_connect',
    server: { name: 'one', id: it.running.router.id },
    client,
  });
  const { value } = (await went.next()) as { value: Record<string, Record<string, unknown>> };
  expect(value).toMatchObject({
    type: 'io.nats.server.advisory.v1.client_disconnect',
    client,
    sent: { msgs: 1, bytes: 3 },
    received: { msgs: 1, bytes: 3 },
    reason: 'Client Closed',
  });
  expect(value['client']).toHaveProperty('stop');
  expect(value['client']).not.toHaveProperty('server');
});

test('clients in this process come and go as others do', async () => {
  await using it = await systemRouter();
  const { router } = it.running;
  const came = it.listen('$SYS.ACCOUNT.A.CONNECT');
  const went = it.listen('$SYS.ACCOUNT.A.DISCONNECT');
  const counts = it.listen('$SYS.ACCOUNT.A.SERVER.CONNS');
  const inside = router.client({ account: 'A', name: 'inside' });
  const client = { acc: 'A', name: 'inside', kind: 'Client', client_type: 'nats', id: inside.id };
  expect((await came.next()).value).toMatchObject({ client });
  expect((await counts.next()).value).toMatchObject({ acc: 'A', conns: 1, total_conns: 1 });
  const stats = await it.ask('$SYS.REQ.ACCOUNT.A.STATZ');
  expect(stats.data).toMatchObject({ account_statz: [{ acc: 'A', conns: 1 }] });
  inside.subscribe('x', () => undefined);
  inside.publish('x', Buffer.from('abc'));
  inside.close();
  expect((await went.next()).value).toMatchObject({
    client,
    sent: { msgs: 1, bytes: 3 },
    received: { msgs: 1, bytes: 3 },
    reason: 'Client Closed',
  });
  expect((await counts.next()).value).toMatchObject({ acc: 'A', conns: 0, total_conns: 0 });
  const closed = await it.ask('$SYS.REQ.SERVER.PING.CONNZ', {
    state: 1,
    acc: 'A',
    subscriptions: true,
  });
  expect(closed.data?.['connections']).toMatchObject([
    { name: 'inside', reason: 'Client Closed', subscriptions_list: ['x'] },
  ]);
});

test('who hears of a client in this process may let others come and go', async () => {
  await using it = await systemRouter();
  const { router } = it.running;
  const heard: string[][] = [[], []];
  for (const list of heard) {
    it.system.subscribe('$SYS.ACCOUNT.A.*', ({ subject, payload }) => {
      const { client } = JSON.parse(Buffer.from(payload).toString()) as {
        client: { name: string };
      };
      list.push(`${client.name} ${subject.slice('$SYS.ACCOUNT.A.'.length)}`);
      if (client.name === 'one' && subject.endsWith('.CONNECT') && list === heard[0])
        router.client({ account: 'A', name: 'two' }).close();
    });
  }
  router.client({ account: 'A', name: 'one' }).close();
  const said = ['one CONNECT', 'one DISCONNECT', 'two CONNECT', 'two DISCONNECT'];
  for (const list of heard) expect([...list].sort()).toEqual(said);
});

test('nothing is said of the global account', async () => {
  await using running = await startRouter({ listen: { host: '127.0.0.1', port: -1 } });
  const { router, port } = running;
  using system = router.client({ account: '$SYS' });
  const heard: string[] = [];
  system.subscribe('$SYS.ACCOUNT.>', ({ subject }) => void heard.push(subject));
  const raw = await login(port, 'nobody');
  raw.socket.end();
  await raw.closed;
  expect(heard).toEqual([]);
});

test('a refused login is told of, without the password', async () => {
  await using it = await systemRouter();
  const { router, port } = it.running;
  const refused = it.listen(`$SYS.SERVER.${router.id}.CLIENT.AUTH.ERR`);
  const raw = RawClient.to(port);
  raw.send('CONNECT {"user":"a","pass":"wrong-secret","name":"thief"}\r\n');
  await raw.closed;
  const { value } = (await refused.next()) as { value: unknown };
  expect(value).toMatchObject({
    type: 'io.nats.server.advisory.v1.client_disconnect',
    reason: 'Authentication Failure',
    client: { user: 'a', name: 'thief', acc: '$G' },
  });
  expect(JSON.stringify(value)).not.toContain('wrong-secret');
});

test('accounts hear how many connections they have', async () => {
  await using it = await systemRouter();
  const old = it.listen('$SYS.SERVER.ACCOUNT.A.CONNS');
  const now = it.listen('$SYS.ACCOUNT.A.SERVER.CONNS');
  const one = await login(it.running.port, 'a');
  const two = await login(it.running.port, 'a');
  for (const raw of [one, two]) {
    raw.socket.end();
    await raw.closed;
  }
  for (const events of [old, now]) {
    const counts: unknown[] = [];
    for (let i = 0; i < 4; i++) {
      const { value } = (await events.next()) as { value: Record<string, unknown> };
      expect(value['type']).toBe('io.nats.server.advisory.v1.account_connections');
      counts.push(value['total_conns']);
    }
    expect(counts).toEqual([1, 2, 1, 0]);
  }
});

test('the server says by itself how it is', async () => {
  await using it = await systemRouter();
  const { value } = await it.listen(`$SYS.SERVER.${it.running.router.id}.STATSZ`).next();
  expect(value).toMatchObject({ statsz: { active_servers: 1 }, server: { name: 'one' } });
});

test('a lame duck and the end are announced while there is somebody to hear it', async () => {
  const it = await systemRouter({ lameDuck: { duration: 50, gracePeriod: 20 } });
  const { router } = it.running;
  const raw = await login(it.running.port, 'sys');
  raw.send('SUB $SYS.SERVER.*.LAMEDUCK 1\r\nSUB $SYS.SERVER.*.SHUTDOWN 2\r\nPING\r\n');
  await raw.until('PONG\r\nPONG');
  const lame = it.listen(`$SYS.SERVER.${router.id}.LAMEDUCK`);
  const done = router.lameDuck();
  expect((await lame.next()).value).toMatchObject({ name: 'one', id: router.id });
  await raw.until(`MSG $SYS.SERVER.${router.id}.LAMEDUCK 1`);
  await done;
  const shutdown = it.listen(`$SYS.SERVER.${router.id}.SHUTDOWN`);
  await it[Symbol.asyncDispose]();
  expect((await shutdown.next()).value).toMatchObject({ name: 'one', id: router.id });
});
