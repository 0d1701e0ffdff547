import { describe, expect, it } from 'vitest';
import { Message } from '../../../main/router/connection/message.ts';
import { Outbound } from '../../../main/router/connection/outbound.ts';
import { SlabPool } from '../../../main/router/connection/slab.ts';
import { isVersionAtLeast, parseLeafConnect } from '../../../main/router/leaf/leaf-connect.ts';
import { parseLeafInfo } from '../../../main/router/leaf/leaf-info.ts';
import { parseLeafMessage } from '../../../main/router/leaf/leaf-message.ts';
import { denyMore, LeafTerms } from '../../../main/router/leaf/leaf-terms.ts';
import { writeLeafMessage } from '../../../main/router/leaf/leaf-writer.ts';
import { loginOfUrl } from '../../../main/router/leaf/remote-login.ts';
import { RemoteUrls } from '../../../main/router/leaf/remote-urls.ts';

const hostsOf = (urls: RemoteUrls, count: number): string[] =>
  Array.from({ length: count }, () => {
    const address = urls.next();
    return `${address?.host ?? ''}:${String(address?.port)}`;
  });

describe('leaf message lines', () => {
  it('reads subject, reply, groups and sizes', () => {
    const read = (line: string, headers = false) => parseLeafMessage(line.split(' '), headers);
    expect(read('foo 3')).toEqual({
      subject: 'foo',
      reply: '',
      headerSize: -1,
      size: 3,
      queues: [],
    });
    expect(read('foo r 3')).toMatchObject({ reply: 'r', size: 3, queues: [] });
    expect(read('foo | q1 q2 3')).toMatchObject({ reply: '', size: 3, queues: ['q1', 'q2'] });
    expect(read('foo + r q1 3')).toMatchObject({ reply: 'r', size: 3, queues: ['q1'] });
    expect(read('foo + r q1 12 13', true)).toMatchObject({ headerSize: 12, size: 13 });
    expect(read('foo | 3')).toMatchObject({ reply: '|' });
    expect(read('foo 0 3', true)).toMatchObject({ headerSize: -1, size: 3 });
  });

  it('refuses what is none', () => {
    for (const line of ['3', 'foo x', 'foo ? q 3', 'foo -1', 'foo 99999999999']) {
      expect(parseLeafMessage(line.split(' '), false), line).toBeUndefined();
    }
    for (const line of ['foo 3', 'foo 4 3', 'foo x 3']) {
      expect(parseLeafMessage(line.split(' '), true), line).toBeUndefined();
    }
  });
});

describe('leaf message writer', () => {
  function written(
    make: (message: Message) => void,
    queues: string[] | undefined,
    headers: boolean,
  ): string {
    const sent: Buffer[] = [];
    const transport = {
      remoteAddress: '',
      remotePort: 0,
      start() {},
      write: (bytes: Uint8Array) => sent.push(Buffer.from(bytes)) > 0,
      writeAll: (pieces: readonly Uint8Array[]) => sent.push(Buffer.concat(pieces)) > 0,
      pause() {},
      resume() {},
      end() {},
      destroy() {},
    };
    const owner = { touched() {}, congested() {}, overflowed() {} };
    const outbound = new Outbound(transport, new SlabPool(), owner, 1_000_000);
    const message = new Message();
    make(message);
    writeLeafMessage(outbound, message, queues, headers);
    outbound.flush();
    return Buffer.concat(sent).toString('latin1');
  }

  const plain = (reply: string) => (message: Message) => {
    message.setSubject('foo');
    message.setForeign(Buffer.from('hello'));
    message.setLine(reply, -1, 5);
  };
  const withHeaders = (reply: string) => (message: Message) => {
    message.setSubject('foo');
    message.setForeign(Buffer.from('NATS/1.0\r\n\r\nhello'));
    message.setLine(reply, 12, 17);
  };

  it('writes every form', () => {
    expect(written(plain(''), undefined, true)).toBe('LMSG foo 5\r\nhello\r\n');
    expect(written(plain('r'), undefined, true)).toBe('LMSG foo r 5\r\nhello\r\n');
    expect(written(plain(''), ['a', 'b'], true)).toBe('LMSG foo | a b 5\r\nhello\r\n');
    expect(written(plain('r'), ['a'], true)).toBe('LMSG foo + r a 5\r\nhello\r\n');
    const body = 'NATS/1.0\r\n\r\nhello';
    expect(written(withHeaders('r'), undefined, true)).toBe(`HMSG foo r 12 17\r\n${body}\r\n`);
    expect(written(withHeaders('r'), ['a'], true)).toBe(`HMSG foo + r a 12 17\r\n${body}\r\n`);
  });

  it('leaves headers out for who takes none', () => {
    expect(written(withHeaders('r'), undefined, false)).toBe('LMSG foo r 5\r\nhello\r\n');
    expect(written(withHeaders('r'), ['a'], false)).toBe('LMSG foo + r a 5\r\nhello\r\n');
    expect(written(withHeaders(''), ['a'], false)).toBe('LMSG foo | a 5\r\nhello\r\n');
  });
});

describe('leaf terms', () => {
  it('lets a leaf node ask broader than it may get, and looks at each message', () => {
    const terms = new LeafTerms({ incoming: { allow: ['up.>'] }, outgoing: { allow: ['down.*'] } });
    expect(terms.mayBeAsked('>')).toBe(true);
    expect(terms.mayBeAsked('down.x')).toBe(true);
    expect(terms.mayBeAsked('other')).toBe(false);
    expect(terms.maySend('down.x')).toBe(true);
    expect(terms.maySend('down.x.y')).toBe(false);
    expect(terms.mayAsk('up.x')).toBe(true);
    expect(terms.mayAsk('>')).toBe(true);
    expect(terms.mayAsk('down.x')).toBe(false);
    expect(terms.mayReceive('up.x')).toBe(true);
    expect(terms.mayReceive('x')).toBe(false);
  });

  it('keeps JetStream without a domain at home, and lets loop detection pass', () => {
    const terms = new LeafTerms({ incoming: { deny: ['>'] }, outgoing: { deny: ['>'] } });
    expect(terms.mayAsk('$LDS.abc')).toBe(true);
    expect(terms.mayBeAsked('$LDS.abc')).toBe(true);
    const open = new LeafTerms({});
    expect(open.maySend('$JS.API.INFO')).toBe(false);
    expect(open.mayAsk('$KV.bucket.key')).toBe(false);
    expect(open.maySend('$JS.hub.API.INFO')).toBe(true);
    expect(open.maySend('$SYS.x')).toBe(true);
  });

  it('adds what is denied to what was denied', () => {
    expect(denyMore(undefined, [])).toBeUndefined();
    expect(denyMore({ allow: ['a'], deny: ['b'] }, ['c'])).toEqual({
      allow: ['a'],
      deny: ['b', 'c'],
    });
  });
});

describe('addresses of a remote', () => {
  it('takes nats-leaf, tls and WebSocket URLs, with the default port', () => {
    const urls = new RemoteUrls(['nats-leaf://a', 'tls://[::1]:1', 'http://x', 'no url'], false);
    expect(hostsOf(urls, 3)).toEqual(['a:7422', '::1:1', 'a:7422']);
    const websockets = new RemoteUrls(['ws://a/path', 'wss://b'], false);
    expect(websockets.websocket).toBe(true);
    expect(hostsOf(websockets, 2)).toEqual(['a:80', 'b:443']);
    expect(new RemoteUrls(['http://x'], true).empty).toBe(true);
  });

  it('adds what the hub names, once, and forgets it again', () => {
    const urls = new RemoteUrls(['nats-leaf://user:pw@10.0.0.1:1'], false);
    urls.learn(['10.0.0.1:1', '10.0.0.2:2']);
    expect(hostsOf(urls, 3)).toEqual(['10.0.0.1:1', '10.0.0.2:2', '10.0.0.1:1']);
    expect(urls.withLogin?.username).toBe('user');
    urls.learn([]);
    expect(hostsOf(urls, 2)).toEqual(['10.0.0.1:1', '10.0.0.1:1']);
  });

  it('reads the login of a URL', () => {
    expect(loginOfUrl(new URL('nats-leaf://u:p%40@h'))).toEqual({ user: 'u', pass: 'p@' });
    expect(loginOfUrl(new URL('nats-leaf://token@h'))).toEqual({
      user: 'token',
      auth_token: 'token',
    });
    expect(loginOfUrl(new URL('nats-leaf://h'))).toBeUndefined();
  });
});

describe('INFO and CONNECT of leaf nodes', () => {
  it('reads what it knows, and nothing of another type', () => {
    const info = {
      server_name: 'hub',
      client_id: 3,
      leafnode_urls: ['a:1'],
      import: { deny: ['x'] },
    };
    expect(parseLeafInfo(Buffer.from(JSON.stringify(info)))).toMatchObject({
      serverName: 'hub',
      clientId: 3,
      leafUrls: ['a:1'],
      importable: { deny: ['x'] },
      exportable: undefined,
    });
    expect(parseLeafInfo(Buffer.from('{"client_id":"3"}'))).toBeUndefined();
    expect(parseLeafInfo(Buffer.from('{'))).toBeUndefined();
    const connect = parseLeafConnect(Buffer.from('{"name":"n","is_hub":true,"user":"u","x":1}'));
    expect(connect).toMatchObject({ name: 'n', isHub: true, credentials: { user: 'u' }, lang: '' });
    expect(parseLeafConnect(Buffer.from('{"name":3}'))).toBeUndefined();
    expect(parseLeafConnect(Buffer.from('[]'))).toBeUndefined();
  });

  it('compares versions', () => {
    expect(isVersionAtLeast('2.10.27', '2.9.0')).toBe(true);
    expect(isVersionAtLeast('2.9.0', '2.9.0')).toBe(true);
    expect(isVersionAtLeast('2.8.9', '2.9.0')).toBe(false);
    expect(isVersionAtLeast('3.0.0-beta', 'v2.9.0')).toBe(true);
    expect(isVersionAtLeast('', '2.9.0')).toBe(false);
  });
});
