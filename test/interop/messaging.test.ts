import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ServerProcess } from '../router/support/router-process.ts';
import { clients } from './clients.ts';
import { connected, startRouter, take } from './support.ts';

describe.each(clients)('$name on the router', (client) => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startRouter({ config: 'max_payload: 2000' });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test('publishes and subscribes with wildcards', async () => {
    await using connection = await connected(client, server);
    const subscription = connection.subscribe('greet.*.>');
    connection.publish('greet.a', 'no');
    connection.publish('greet.a.b', 'one');
    connection.publish('greet.c.d.e', 'two');
    expect(await take(subscription, 2)).toEqual(['one', 'two']);
  });

  test('says what the server is', async () => {
    await using connection = await connected(client, server);
    expect(connection.info).toMatchObject({
      server_id: expect.stringMatching(/^N[A-Z2-7]{55}$/),
      proto: 1,
      headers: true,
      max_payload: 2000,
      client_ip: '127.0.0.1',
    });
  });

  test.each([{ verbose: true }, { pedantic: true }, { verbose: true, pedantic: true }])(
    'works with %o',
    async (options) => {
      await using connection = await connected(client, server, options);
      const subscription = connection.subscribe('mode');
      connection.publish('mode', 'fine');
      await connection.flush();
      expect(await take(subscription, 1)).toEqual(['fine']);
    },
  );

  test('hears nothing of its own without echo', async () => {
    await using quiet = await connected(client, server, { noEcho: true });
    await using other = await connected(client, server);
    const subscription = quiet.subscribe('echo');
    await quiet.flush();
    quiet.publish('echo', 'own');
    await quiet.flush();
    other.publish('echo', 'other');
    expect(await take(subscription, 1)).toEqual(['other']);
  });

  test('shares a queue group fairly', async () => {
    await using first = await connected(client, server);
    await using second = await connected(client, server);
    const counts = [0, 0];
    for (const [i, connection] of [first, second].entries()) {
      connection.subscribe('work', {
        queue: 'workers',
        callback: () => {
          counts[i] = (counts[i] ?? 0) + 1;
        },
      });
      await connection.flush();
    }
    for (let i = 0; i < 100; i++) first.publish('work', String(i));
    await first.flush();
    await second.flush();
    expect(counts.reduce((a, b) => a + b)).toBe(100);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(20);
  });

  test('ends a subscription after a maximum', async () => {
    await using connection = await connected(client, server);
    const subscription = connection.subscribe('few', { max: 2 });
    for (const body of ['1', '2', '3']) connection.publish('few', body);
    await connection.flush();
    const seen: string[] = [];
    for await (const message of subscription) seen.push(message.string());
    expect(seen).toEqual(['1', '2']);
  });

  test.each([{ noMux: false }, { noMux: true }])('asks and is answered, %o', async (options) => {
    await using service = await connected(client, server);
    await using asker = await connected(client, server);
    service.subscribe('double', {
      callback: (_, message) => void message.respond(message.string().repeat(2)),
    });
    await service.flush();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        asker.request('double', `${i}.`, { timeout: 5_000, ...options }),
      ),
    );
    expect(answers.map((answer) => answer.string())).toEqual(
      Array.from({ length: 50 }, (_, i) => `${i}.${i}.`),
    );
  });

  test.each([{ noMux: false }, { noMux: true }])(
    'learns at once that nobody answers, %o',
    async (options) => {
      await using connection = await connected(client, server);
      const error: unknown = await connection
        .request('nobody', '', { timeout: 5_000, ...options })
        .catch((reason: unknown) => reason);
      expect(client.kindOf(error)).toBe('no responders');
    },
  );

  test.each([{ noMux: false }, { noMux: true }])(
    'stops waiting for one who is silent, %o',
    async (options) => {
      await using connection = await connected(client, server);
      connection.subscribe('silent', { callback: () => undefined });
      const error: unknown = await connection
        .request('silent', '', { timeout: 100, ...options })
        .catch((reason: unknown) => reason);
      expect(client.kindOf(error)).toBe('timeout');
    },
  );

  test('takes many answers to one request', async () => {
    await using service = await connected(client, server);
    await using asker = await connected(client, server);
    for (const name of ['a', 'b', 'c']) {
      service.subscribe('all', { callback: (_, message) => void message.respond(name) });
    }
    await service.flush();
    const answers = await asker.requestMany('all', '', { maxMessages: 3, maxWait: 5_000 });
    expect((await take(answers, 3)).sort()).toEqual(['a', 'b', 'c']);
  });

  test('carries headers', async () => {
    await using connection = await connected(client, server);
    const subscription = connection.subscribe('with.headers');
    const headers = client.headers();
    headers.set('A-Key', 'a value');
    headers.append('Many', '1');
    headers.append('Many', '2');
    connection.publish('with.headers', 'body', { headers });
    for await (const message of subscription) {
      expect(message.headers?.get('A-Key')).toBe('a value');
      expect(message.headers?.values('Many')).toEqual(['1', '2']);
      expect(message.string()).toBe('body');
      break;
    }
  });

  test('drains a subscription without losing what was on its way', async () => {
    await using connection = await connected(client, server);
    let seen = 0;
    const subscription = connection.subscribe('drained', { callback: () => void seen++ });
    for (let i = 0; i < 500; i++) connection.publish('drained', 'x');
    await subscription.drain();
    connection.publish('drained', 'late');
    await connection.flush();
    expect(seen).toBe(500);
  });

  test('drains a connection', async () => {
    const connection = await connected(client, server);
    await using other = await connected(client, server);
    const subscription = other.subscribe('before.end');
    await other.flush();
    for (let i = 0; i < 200; i++) connection.publish('before.end', String(i));
    await connection.drain();
    expect(connection.isClosed()).toBe(true);
    expect((await take(subscription, 200)).at(-1)).toBe('199');
  });

  test('measures the round trip', async () => {
    await using connection = await connected(client, server);
    expect(await connection.rtt()).toBeGreaterThanOrEqual(0);
  });

  test('refuses to send more than the server takes', async () => {
    await using connection = await connected(client, server);
    let error: unknown;
    try {
      connection.publish('big', new Uint8Array(2_001));
    } catch (reason) {
      error = reason;
    }
    expect(client.kindOf(error)).toBe('payload');
    connection.publish('big', new Uint8Array(2_000));
    await connection.flush();
  });

  test('moves bytes of all values and UTF-8 subjects', async () => {
    await using connection = await connected(client, server);
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const subscription = connection.subscribe('größe.*');
    connection.publish('größe.日本', bytes);
    for await (const message of subscription) {
      expect(message.subject).toBe('größe.日本');
      expect([...message.data]).toEqual([...bytes]);
      break;
    }
  });
});
