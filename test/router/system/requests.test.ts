import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { login, systemRouter } from './support.ts';

test('a ping is answered with how the server is', async () => {
  await using it = await systemRouter();
  const { router } = it.running;
  for (const subject of [
    '$SYS.REQ.SERVER.PING',
    '$SYS.REQ.SERVER.PING.STATSZ',
    `$SYS.REQ.SERVER.${router.id}.STATSZ`,
  ]) {
    const answer = (await it.ask(subject)) as unknown as Record<string, Record<string, unknown>>;
    expect(answer['server']).toMatchObject({ name: 'one', id: router.id, jetstream: false });
    expect(answer['statsz']).toMatchObject({ active_servers: 1, connections: 1 });
  }
});

test('a server tells its identity', async () => {
  await using it = await systemRouter();
  const { id } = it.running.router;
  const host = '127.0.0.1';
  expect(await it.ask('$SYS.REQ.SERVER.PING.IDZ')).toEqual({ name: 'one', host, id });
  expect(await it.ask(`$SYS.REQ.SERVER.${id}.IDZ`)).toEqual({ name: 'one', host, id });
});

test('requests are for the servers that they name', async () => {
  await using it = await systemRouter();
  const asked = (body: object): Promise<unknown> =>
    Promise.race([
      it.ask('$SYS.REQ.SERVER.PING.HEALTHZ', body).then(() => 'answered'),
      // What is answered later is answered after what was not.
      it.ask('$SYS.REQ.SERVER.PING.HEALTHZ').then(() => 'passed over'),
    ]);
  for (const body of [
    { server_name: 'on' },
    { server_name: 'one', exact_match: true },
    { host: '127' },
    { tags: ['blue'] },
    { SERVER_NAME: 'one' },
  ])
    expect([body, await asked(body)]).toEqual([body, 'answered']);
  for (const body of [
    { server_name: 'two' },
    { server_name: 'on', exact_match: true },
    { host: 'elsewhere' },
    { cluster: 'x' },
    { domain: 'x' },
    { tags: ['blue', 'red'] },
  ])
    expect([body, await asked(body)]).toEqual([body, 'passed over']);
});

test('fields of another type are refused by name', async () => {
  await using it = await systemRouter();
  expect((await it.ask('$SYS.REQ.SERVER.PING.CONNZ', { limit: 'x' })).error).toEqual({
    code: 400,
    description:
      'json: cannot unmarshal string into Go struct field ConnzEventOptions.limit of type int',
  });
  expect((await it.ask('$SYS.REQ.SERVER.PING.CONNZ', '[]')).error?.code).toBe(400);
  expect((await it.ask('$SYS.REQ.SERVER.PING.CONNZ', { sort: 'x' })).error).toEqual({
    code: 500,
    description: 'invalid sorting option: x',
  });
});

test('answers are compressed for those who take it', async () => {
  await using it = await systemRouter();
  const headers = Buffer.from('NATS/1.0\r\nAccept-Encoding: gzip\r\n\r\n');
  const answer = await it.system.request('$SYS.REQ.SERVER.PING.VARZ', undefined, { headers });
  expect(Buffer.from(answer.headers ?? []).toString()).toContain('Content-Encoding: gzip');
  const text = gunzipSync(answer.payload).toString();
  expect(JSON.parse(text)).toMatchObject({ data: { server_name: 'one' } });
});

test('whoever asks in an account learns of that account only', async () => {
  await using it = await systemRouter();
  using inA = it.running.router.client({ account: 'A' });
  await login(it.running.port, 'a', { name: 'mine' });
  await login(it.running.port, 'sys', { name: 'not mine' });
  const ask = async (subject: string, body: object = {}): Promise<Record<string, unknown>> => {
    const { payload } = await inA.request(subject, Buffer.from(JSON.stringify(body)));
    return (JSON.parse(Buffer.from(payload).toString()) as { data: Record<string, unknown> }).data;
  };
  for (const subject of ['$SYS.REQ.ACCOUNT.PING.CONNZ', '$SYS.REQ.SERVER.PING.CONNZ']) {
    const { connections } = await ask(subject, { auth: true, acc: 'SYS' });
    const found = connections as { name?: string }[];
    expect(found.map(({ name }) => name)).toContain('mine');
    expect(found.map(({ name }) => name)).not.toContain('not mine');
  }
  const { account_statz } = await ask('$SYS.REQ.ACCOUNT.PING.STATZ', { accounts: ['SYS'] });
  expect((account_statz as { acc: string }[]).map(({ acc }) => acc)).toEqual(['A']);
  await expect(inA.request('$SYS.REQ.SERVER.PING.VARZ')).rejects.toMatchObject({
    code: 'router-no-responders',
  });
});

test('a user learns who it is and what it may', async () => {
  await using it = await systemRouter();
  const raw = await login(it.running.port, 'limited');
  raw.send('SUB in 1\r\nPUB $SYS.REQ.USER.INFO in 0\r\n\r\n');
  const text = await raw.until('"user":"limited"');
  const body = /MSG in 1\s+\d+\r\n(\{.*\})/.exec(text)?.[1] ?? '';
  expect((JSON.parse(body) as { data: unknown }).data).toEqual({
    user: 'limited',
    account: 'A',
    permissions: {
      publish: { allow: ['$SYS.REQ.USER.INFO', 'foo'] },
      subscribe: { deny: ['secret'] },
      responses: { max: 2, ttl: 1_000_000_000 },
    },
  });
});

test('a client is kicked, and that is its reason', async () => {
  await using it = await systemRouter();
  const { id } = it.running.router;
  const raw = await login(it.running.port, 'a');
  const gone = it.listen('$SYS.ACCOUNT.A.DISCONNECT');
  const answer = await it.ask(`$SYS.REQ.SERVER.${id}.KICK`, { cid: raw.info()['client_id'] });
  expect(answer.error).toBeUndefined();
  expect((await gone.next()).value).toMatchObject({ reason: 'Kicked', client: { user: 'a' } });
  await raw.closed;
  expect((await it.ask(`$SYS.REQ.SERVER.${id}.KICK`, { cid: 4_711 })).error).toEqual({
    code: 500,
    description: 'no such client or leafnode id',
  });
});

test('a client is told to go elsewhere', async () => {
  await using it = await systemRouter();
  const { id } = it.running.router;
  const raw = await login(it.running.port, 'a', { protocol: 1 });
  const cid = raw.info()['client_id'];
  expect((await it.ask(`$SYS.REQ.SERVER.${id}.LDM`, { cid })).error).toBeUndefined();
  expect(await raw.until('"ldm":true')).toContain(`"client_id":${String(cid)}`);
  const old = await login(it.running.port, 'a', { protocol: 0 });
  const refused = await it.ask(`$SYS.REQ.SERVER.${id}.LDM`, { cid: old.info()['client_id'] });
  expect(refused.error?.description).toContain('does not support Lame Duck Mode');
});

test('the configuration is read again by whoever has one', async () => {
  await using it = await systemRouter();
  const { router } = it.running;
  const subject = `$SYS.REQ.SERVER.${router.id}.RELOAD`;
  expect((await it.ask(subject)).error?.description).toBe(
    'can only reload config when a file is provided using -c or --config',
  );
  let asked = 0;
  router.rereadConfiguration = () => Promise.resolve(void asked++);
  expect((await it.ask(subject)).error).toBeUndefined();
  expect(asked).toBe(1);
});

test('subscribers are counted', async () => {
  await using it = await systemRouter();
  const raw = await login(it.running.port, 'a');
  raw.send('SUB x.y 1\r\nSUB x.* 2\r\nSUB x.y q 3\r\nPING\r\n');
  await raw.until('PONG\r\nPONG');
  const count = async (subject: string, body: string): Promise<string> =>
    Buffer.from((await it.system.request(subject, Buffer.from(body))).payload).toString();
  const nsubs = (body: object): Promise<string> =>
    count('$SYS.REQ.ACCOUNT.NSUBS', JSON.stringify({ acc: 'A', ...body }));
  expect(await nsubs({ subject: 'x.y' })).toBe('3');
  expect(await nsubs({ subject: 'x.*' })).toBe('3');
  expect(await nsubs({ subject: 'x.y', queue: Buffer.from('q').toString('base64') })).toBe('1');
  expect(await count('$SYS.DEBUG.SUBSCRIBERS', 'x.y')).toBe('0');
});

test('many requests are answered one after the other', async () => {
  await using it = await systemRouter();
  const asked = Array.from({ length: 500 }, () => it.ask('$SYS.REQ.SERVER.PING.SUBSZ'));
  const answers = await Promise.all(asked);
  expect(new Set(answers.map(({ server }) => server['seq'])).size).toBe(500);
});

test('without a system account nobody answers, and monitoring says so', async () => {
  await using it = await systemRouter({ noSystemAccount: true, systemAccount: 'SYS' });
  expect(it.running.router.systemAccount).toBeUndefined();
  await expect(it.system.request('$SYS.REQ.SERVER.PING')).rejects.toMatchObject({
    code: 'router-no-responders',
  });
});
