import { duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { decodeHeaders, encodeHeaders } from '../../../main/router/listen/in-process/headers.ts';
import type { LocalMessage } from '../../../main/router/listen/in-process/local-message.ts';
import { RawClient, startRouter } from './support.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const textOf = ({ payload }: LocalMessage): string => Buffer.from(payload).toString();
const local = { host: '127.0.0.1', port: 0 };

describe('router in process', () => {
  it('hands the very same bytes to subscribers of this process', async () => {
    await using at = await startRouter({});
    const publisher = at.router.client({ name: 'p' });
    const got: LocalMessage[] = [];
    at.router.client().subscribe('a.*', (message) => got.push(message));
    const payload = bytes('hello');
    publisher.publish('a.b', payload, { reply: 'r.1' });
    expect(got).toHaveLength(1);
    expect(got[0]?.payload).toBe(payload);
    expect(got[0]).toMatchObject({ subject: 'a.b', reply: 'r.1', headers: undefined });
  });

  it('copies what a socket published, whose buffer is used again', async () => {
    await using at = await startRouter({ listen: local });
    const got: LocalMessage[] = [];
    at.router.client().subscribe('>', (message) => got.push(message));
    using socket = RawClient.to(at.port);
    socket.send('CONNECT {"verbose":false,"headers":true}\r\n');
    for (let i = 0; i < 50; i++) socket.send(`PUB s.${i} inbox.${i} 4\r\n${1000 + i}\r\n`);
    socket.send('HPUB h 17 19\r\nNATS/1.0\r\nA: \r\n\r\nhi\r\nPING\r\n');
    await socket.until('PONG');
    expect(got.slice(0, 50).map(textOf)).toEqual(
      Array.from({ length: 50 }, (_, i) => String(1000 + i)),
    );
    expect(got[7]).toMatchObject({ subject: 's.7', reply: 'inbox.7' });
    expect(textOf(got[50] as LocalMessage)).toBe('hi');
    expect(decodeHeaders(got[50]?.headers ?? bytes('')).fields).toEqual([['A', '']]);
  });

  it('sockets get what it publishes: payload, reply and headers, in any language', async () => {
    await using at = await startRouter({ listen: local });
    using socket = RawClient.to(at.port);
    socket.send('CONNECT {"verbose":false,"headers":true}\r\nSUB > 1\r\nPING\r\n');
    await socket.until('PONG');
    const client = at.router.client();
    client.publish('a', bytes('x'), { reply: 'r' });
    client.publish('grüße.ж', bytes(''));
    client.publish('h', bytes('body'), { headers: encodeHeaders([['Name', 'välue']]) });
    const text = Buffer.from(await socket.until('body\r\n'), 'latin1').toString();
    expect(text).toContain('MSG a 1 r 1\r\nx\r\nMSG grüße.ж 1 0\r\n\r\nHMSG h 1 26 30\r\n');
    expect(text).toContain('Name: välue\r\n\r\nbody\r\n');
  });

  it('subjects that would break out of their line are refused', async () => {
    await using at = await startRouter({ limits: { maxPayload: 10 } });
    const client = at.router.client();
    for (const subject of ['', 'a b', 'a\r\nPING', 'a\tb']) {
      expect(() => client.publish(subject, bytes(''))).toThrow(
        expect.objectContaining({ code: 'router-subject' }),
      );
      expect(() => client.publish('ok', bytes(''), { reply: `${subject} ` })).toThrow(
        expect.objectContaining({ code: 'router-subject' }),
      );
    }
    for (const subject of ['', 'a..b', 'a.>.b', 'a b']) {
      expect(() => client.subscribe(subject, () => undefined)).toThrow(
        expect.objectContaining({ code: 'router-subject' }),
      );
    }
    expect(() => client.publish('a', new Uint8Array(11))).toThrow(
      expect.objectContaining({ code: 'router-payload' }),
    );
    expect(() => encodeHeaders([['A', 'x\r\nB: y']])).toThrow(
      expect.objectContaining({ code: 'router-header' }),
    );
    expect(() => at.router.client({ account: 'NOBODY' })).toThrow(
      expect.objectContaining({ code: 'router-account' }),
    );
  });

  it('counts among the connections of its account', async () => {
    await using at = await startRouter({
      listen: local,
      accounts: [
        { name: 'A', limits: { maxConnections: 2 }, users: [{ user: 'a', password: 'pw' }] },
      ],
    });
    const open = () => at.router.client({ account: 'A' });
    const first = open();
    open();
    expect(open).toThrow(expect.objectContaining({ code: 'router-full' }));
    using socket = RawClient.to(at.port);
    socket.send('CONNECT {"user":"a","pass":"pw"}\r\nPING\r\n');
    await socket.until("-ERR 'maximum account active connections exceeded'");
    first.close();
    expect(open().closed).toBe(false);
  });

  it('callbacks that throw or reject are logged and break nobody else', async () => {
    await using at = await startRouter({});
    const client = at.router.client();
    let calls = 0;
    client.subscribe('a', () => {
      throw new Error('first trouble');
    });
    client.subscribe('a', async () => {
      await Promise.resolve();
      throw new Error('second trouble');
    });
    client.subscribe('a', () => calls++);
    client.publish('a', bytes(''));
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toBe(1);
    const log = at.lines.join('\n');
    expect(log).toContain('first trouble');
    expect(log).toContain('second trouble');
  });

  it('a publication inside of a callback has a message of its own', async () => {
    await using at = await startRouter({ listen: local });
    using socket = RawClient.to(at.port);
    socket.send('CONNECT {"verbose":false}\r\nSUB > 1\r\nPING\r\n');
    await socket.until('PONG');
    const [one, two] = [at.router.client(), at.router.client()];
    two.subscribe('outer', ({ payload }) =>
      two.publish('inner.longer', bytes(`${payload.length}`)),
    );
    const seen: string[] = [];
    one.subscribe('*', (message) => seen.push(`${message.subject} ${textOf(message)}`));
    one.subscribe('inner.*', (message) => seen.push(`${message.subject} ${textOf(message)}`));
    one.publish('outer', bytes('abc'), { reply: 'back' });
    expect(seen.toSorted()).toEqual(['inner.longer 3', 'outer abc']);
    const text = await socket.until('inner.longer 1 1\r\n3\r\n');
    expect(text).toContain('MSG outer 1 back 3\r\nabc\r\n');
  });

  it('a socket publication is whole for those after a callback that publishes', async () => {
    await using at = await startRouter({ listen: local });
    const client = at.router.client();
    client.subscribe('outer', ({ payload }) => client.publish('inner', payload));
    using first = RawClient.to(at.port);
    using second = RawClient.to(at.port);
    for (const socket of [first, second]) {
      socket.send('CONNECT {"verbose":false}\r\nSUB outer 1\r\nSUB inner 2\r\nPING\r\n');
      await socket.until('PONG');
    }
    const count = 500;
    for (let i = 0; i < count; i++) first.send(`PUB outer 3\r\n${100 + i}\r\n`);
    for (const socket of [first, second]) {
      const text = await socket.until(`MSG inner 2 3\r\n${100 + count - 1}\r\n`);
      expect(text.match(/MSG outer 1 3\r\n\d{3}\r\n/g)).toHaveLength(count);
      expect(text.match(/MSG inner 2 3\r\n\d{3}\r\n/g)).toHaveLength(count);
    }
  });

  it('an answer given inside of a request that crosses accounts finds its way', async () => {
    await using at = await startRouter({
      listen: local,
      mappings: [{ source: 'old.*', destinations: [{ subject: 'new.$1', weight: 100 }] }],
      accounts: [
        { name: 'SVC', exports: [{ kind: 'service', subject: 'time.*' }] },
        {
          name: '$G',
          imports: [{ kind: 'service', account: 'SVC', subject: 'time.*', to: 'clock.*' }],
        },
      ],
    });
    const service = at.router.client({ account: 'SVC' });
    // Asks a second one before it answers: publications within publications within publications.
    service.subscribe('time.inner', (message) => message.respond(bytes('noon')));
    service.subscribe('time.*', async (message) => {
      if (message.subject === 'time.inner') return;
      const { payload } = await service.request('time.inner');
      service.publish('log.asked', bytes(message.subject));
      message.respond(Buffer.concat([message.payload, payload]));
    });
    using socket = RawClient.to(at.port);
    socket.send('CONNECT {"verbose":false}\r\nSUB inbox.* 1\r\nSUB new.* 2\r\n');
    for (let i = 0; i < 100; i++) {
      socket.send(`PUB clock.${i} inbox.${i} 4\r\n${1000 + i}\r\nPUB old.${i} 3\r\n${100 + i}\r\n`);
    }
    await socket.until('MSG inbox.99 1 8\r\n1099noon\r\n');
    for (let i = 0; i < 100; i++) {
      expect(socket.text).toContain(`MSG inbox.${i} 1 8\r\n${1000 + i}noon\r\n`);
      expect(socket.text).toContain(`MSG new.${i} 2 3\r\n${100 + i}\r\n`);
    }
    const own = at.router.client();
    const answers = await Promise.all(['a', 'b'].map((name) => own.request(`clock.${name}`)));
    expect(answers.map(textOf)).toEqual(['noon', 'noon']);
  });

  it('every subscriber sees what one client publishes in its order', async () => {
    await using at = await startRouter({});
    const client = at.router.client();
    const seen: string[] = [];
    client.subscribe('a', () => {
      client.publish('b');
      client.publish('c');
    });
    client.subscribe('b', () => client.publish('d'));
    at.router.client().subscribe('*', ({ subject }) => seen.push(subject));
    client.publish('a');
    client.publish('e');
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('clients that answer each other for ever do not fill the stack', async () => {
    await using at = await startRouter({});
    const clients = Array.from({ length: 500 }, () => at.router.client());
    let calls = 0;
    clients.forEach((client, i) => {
      client.subscribe(`hop.${i}`, () => {
        calls++;
        if (calls < 20_000) client.publish(`hop.${(i + 1) % clients.length}`);
      });
    });
    at.router.client().publish('hop.0');
    while (calls < 20_000) await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toBe(20_000);
  });

  it('request waits for the answer, says when nobody is there, and when time is over', async () => {
    await using at = await startRouter({ listen: local });
    const client = at.router.client();
    const service = client.subscribe('add', (message) =>
      message.respond(bytes(String(message.payload.length + 1))),
    );
    expect(textOf(await client.request('add', bytes('12')))).toBe('3');
    service.unsubscribe();
    await expect(client.request('add')).rejects.toMatchObject({ code: 'router-no-responders' });
    client.subscribe('silent', () => undefined);
    await expect(client.request('silent', bytes(''), { timeout: 20 })).rejects.toMatchObject({
      code: 'router-timeout',
    });
    using socket = RawClient.to(at.port);
    socket.send('CONNECT {"verbose":false}\r\nSUB far 1\r\nPING\r\n');
    await socket.until('PONG');
    const answer = client.request('far', bytes('q'));
    const [, reply = ''] = /MSG far 1 (\S+) 1/.exec(await socket.until('q\r\n')) ?? [];
    socket.send(`PUB ${reply} 6\r\nanswer\r\n`);
    expect(textOf(await answer)).toBe('answer');
    const open = client.request('silent');
    client.close();
    await expect(open).rejects.toMatchObject({ code: 'router-closed' });
  });

  it('a request inside of a callback of the same client is answered', async () => {
    await using at = await startRouter({});
    const client = at.router.client();
    client.subscribe('inner', (message) => message.respond(bytes('in')));
    client.subscribe('outer', async (message) => {
      const { payload } = await client.request('inner');
      message.respond(payload);
    });
    expect(textOf(await client.request('outer'))).toBe('in');
  });

  it('max, unsubscribe, echo and queue groups do what they do over the wire', async () => {
    await using at = await startRouter({});
    const client = at.router.client({ echo: false });
    const other = at.router.client();
    const counts = { max: 0, own: 0, a: 0, b: 0 };
    let ended = 0;
    other.subscribe('x', () => counts.max++, { max: 3, onEnd: () => ended++ });
    client.subscribe('x', () => counts.own++);
    other.subscribe('x', () => counts.a++, { queue: 'q' });
    other.subscribe('x', () => counts.b++, { queue: 'q' });
    for (let i = 0; i < 100; i++) client.publish('x');
    expect(counts).toMatchObject({ max: 3, own: 0 });
    expect(ended).toBe(1);
    expect(counts.a + counts.b).toBe(100);
    expect(Math.min(counts.a, counts.b)).toBeGreaterThan(20);
    other.close();
    client.publish('x');
    expect(counts.a + counts.b).toBe(100);
    expect(() => other.publish('x')).toThrow(expect.objectContaining({ code: 'router-closed' }));
  });

  it('is closed with its account', async () => {
    await using at = await startRouter({ accounts: [{ name: 'A' }, { name: 'B' }] });
    const [a, b] = [at.router.client({ account: 'A' }), at.router.client({ account: 'B' })];
    await at.router.reload({ accounts: [{ name: 'B' }] });
    expect([a.closed, b.closed]).toEqual([true, false]);
    at.router.putAccount({ name: 'C' });
    const c = at.router.client({ account: 'C' });
    at.router.removeAccount('C');
    expect(c.closed).toBe(true);
  });

  it('permissions hold for it too', async () => {
    await using at = await startRouter({});
    const client = at.router.client({
      permissions: {
        publish: { allow: ['ok.>'] },
        subscribe: { allow: ['in.>'], deny: ['in.no'] },
      },
    });
    const got: string[] = [];
    client.subscribe('in.*', ({ subject }) => got.push(subject));
    const refused = expect.objectContaining({ code: 'router-denied' });
    expect(() => client.publish('other')).toThrow(refused);
    expect(() => client.subscribe('out', () => undefined)).toThrow(refused);
    const free = at.router.client();
    free.publish('in.no');
    free.publish('in.yes');
    expect(got).toEqual(['in.yes']);
  });

  it('messages can be looped over, and leaving the loop ends the subscription', async () => {
    await using at = await startRouter({});
    const client = at.router.client();
    const queue = client.messages('a', { limit: 3 });
    for (let i = 0; i < 5; i++) client.publish('a', bytes(String(i)));
    expect(queue.dropped).toBe(2);
    const got: string[] = [];
    for await (const message of queue) {
      got.push(textOf(message));
      if (got.length === 2) break;
    }
    expect(got).toEqual(['0', '1']);
    expect(client.subscriptions.size).toBe(0);
    const last = client.messages('b', { max: 2 });
    client.publish('b');
    client.publish('b');
    let count = 0;
    for await (const message of last) count += 1 + message.payload.length;
    expect(count).toBe(2);
  });

  it('a stream whose other end answers within the write is read after it', async () => {
    await using at = await startRouter({});
    const [near, far] = duplexPair();
    at.router.connect(near, { type: 'STANDARD', host: '' });
    let text = '';
    far.once('end', () => far.end());
    far.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (chunk.includes('MSG a')) far.write('PUB b 3\r\nnew\r\n');
    });
    far.write('CONNECT {"verbose":false}\r\nSUB * 1\r\n');
    const client = at.router.client();
    const big = Buffer.alloc(200_000, 'x');
    const seen: number[] = [];
    client.subscribe('a', ({ payload }) => seen.push(payload.length));
    await new Promise((resolve) => setImmediate(resolve));
    client.publish('a', big);
    client.publish('a', big);
    while (!text.includes('MSG b 1 3\r\nnew\r\n')) await new Promise((r) => setImmediate(r));
    expect(seen).toEqual([200_000, 200_000]);
    expect(text.split(`MSG a 1 200000\r\n${big.toString()}\r\n`)).toHaveLength(3);
  });
});
