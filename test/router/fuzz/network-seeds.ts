/** What is mutated on the way to the listeners of a running router. */
import { randomBytes } from 'node:crypto';
import { connectLine, hpub, pub } from '../differential/cases.ts';

const text = (...lines: readonly string[]): Buffer => Buffer.from(`${lines.join('\r\n')}\r\n`);

export const clientSeeds: readonly Buffer[] = [
  text(
    connectLine({ user: 'a', pass: 'x' }),
    'SUB foo 1',
    'SUB foo.* q 2',
    'SUB > 3',
    pub('foo', 'hello', 'r'),
    hpub('foo.a', ['k: v'], 'body', 'r'),
    'UNSUB 1 5',
    'UNSUB 2',
    'PING',
  ),
  text(
    connectLine({ user: 'b', pass: 'x', verbose: true, pedantic: true }),
    'SUB news.> 1',
    pub('svc', 'ask', 'inbox.1'),
    'PING',
    'PONG',
    '+OK',
    'INFO {}',
  ),
  text('SUB a 1', ...Array.from({ length: 30 }, (_, i) => pub('a', 'x'.repeat(i * 10)))),
  text(
    connectLine({ no_responders: true }),
    'SUB inbox.* 1',
    pub('nobody', '', 'inbox.1'),
    pub('$SYS.REQ.USER.INFO', '', 'inbox.2'),
    pub('$JS.API.INFO', '', 'inbox.3'),
  ),
  text(
    connectLine({ user: 'sys', pass: 'x' }),
    'SUB inbox.* 1',
    'SUB $SYS.> 2',
    pub('$SYS.REQ.SERVER.PING.CONNZ', '{"subscriptions":true,"limit":5,"sort":"subs"}', 'inbox.1'),
    pub('$SYS.REQ.ACCOUNT.A.CONNZ', '{}', 'inbox.2'),
    pub('$SYS.REQ.ACCOUNT.PING.STATZ', '{"accounts":["A"]}', 'inbox.3'),
    pub('$SYS.REQ.SERVER.PING.SUBSZ', '{"test":"a.b","subscriptions":true}', 'inbox.4'),
  ),
  text(
    connectLine({ user: 'a', pass: 'x' }),
    pub('map.one.two'),
    pub('part.abc'),
    'SUB mapped.> 1',
    pub('map.a.b', 'x', 'r'),
  ),
  text(
    connectLine({ user: 'few', pass: 'x' }),
    'SUB foo 1',
    'SUB bar.* g 2',
    pub('foo'),
    pub('no', 'x', 'bar'),
  ),
];

const leafHello = JSON.stringify({
  version: '2.10.27',
  server_id: 'NDYMXM5ZI6SHVRFFFF6CU3DFQVDBAJVP5F2NFRBOHB6LIA5IBEMCMSQF',
  name: 'leaf',
  headers: true,
  jetstream: false,
  deny_pub: ['secret.>'],
  compression: 'off',
  user: 'leaf',
  pass: 'x',
});

export const leafSeeds: readonly Buffer[] = [
  text(
    `CONNECT ${leafHello}`,
    'LS+ foo',
    'LS+ foo.* q 3',
    'LS+ $LDS.abcdef',
    'LMSG foo 5\r\nhello',
    'LMSG foo reply 5\r\nhello',
    'LMSG foo + reply q 5\r\nhello',
    'LMSG foo | q q2 5\r\nhello',
    'HMSG foo 12 13\r\nNATS/1.0\r\n\r\nx',
    'HMSG foo | q 12 13\r\nNATS/1.0\r\n\r\nx',
    'LS- foo',
    'PING',
    'PONG',
  ),
  text(
    `CONNECT ${leafHello}`,
    'INFO {"connect_info":true,"remote_account":"x","import":{"allow":["a"]},"export":{"deny":["b"]}}',
    'LS+ >',
    'LMSG a.b.c 0\r\n',
    'PING',
  ),
];

/** A masked frame (RFC 6455, section 5.2). */
function frame(opcode: number, payload: Buffer, fin = true): Buffer {
  const mask = randomBytes(4);
  const head =
    payload.length < 126
      ? Buffer.from([(fin ? 0x80 : 0) | opcode, 0x80 | payload.length])
      : Buffer.from([
          (fin ? 0x80 : 0) | opcode,
          0x80 | 126,
          payload.length >> 8,
          payload.length & 255,
        ]);
  const masked = Buffer.from(payload.map((byte, i) => byte ^ (mask[i & 3] ?? 0)));
  return Buffer.concat([head, mask, masked]);
}

const handshake = (more = '', path = '/'): Buffer =>
  Buffer.from(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${more}\r\n`,
  );

export const websocketSeeds: readonly Buffer[] = [
  Buffer.concat([handshake(), ...clientSeeds.slice(0, 3).map((seed) => frame(2, seed))]),
  Buffer.concat([
    handshake(
      'Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n',
    ),
    frame(2, clientSeeds[0] as Buffer),
    frame(9, Buffer.from('ping')),
    frame(8, Buffer.from([3, 232])),
  ]),
  Buffer.concat([
    handshake('Origin: http://x\r\nCookie: jwt=abc\r\n'),
    frame(2, Buffer.from('SUB foo'), false),
    frame(0, Buffer.from(' 1\r\nPING\r\n')),
  ]),
  Buffer.concat([handshake('', '/leafnode'), frame(2, leafSeeds[0] as Buffer)]),
];

export const httpSeeds: readonly Buffer[] = [
  '/varz',
  '/connz?subs=detail&limit=5&sort=cid&acc=A&auth=1&cid=1&state=all',
  '/subsz?subs=1&test=a.b&limit=2&offset=1',
  '/leafz?subs=1',
  '/accountz?acc=A',
  '/accstatz?unused=1',
  '/healthz?js-enabled-only=true',
  '/routez',
  '/gatewayz',
  '/jsz?accounts=1&callback=f',
].map((path) =>
  Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`),
);

/** A router with everything that can be listened on, and limits that are reached. */
export const everything = `
server_name: fuzzed
max_payload: 64KB
max_pending: 4MB
max_connections: 500
max_subscriptions: 1000
http: "127.0.0.1:-1"
websocket { listen: "127.0.0.1:-1", no_tls: true, compression: true, handshake_timeout: "1s" }
leafnodes { listen: "127.0.0.1:-1" }
authorization { timeout: 1 }
accounts {
  SYS { users: [ { user: sys, password: x } ] }
  A {
    users: [
      { user: a, password: x }
      { user: leaf, password: x }
      { user: few, password: x, permissions: { publish: ["foo", "_INBOX.>"], subscribe: { allow: ["foo", "bar.* g"], deny: "x" }, allow_responses: true } }
    ]
    exports: [ { stream: "news.>" }, { service: "svc", latency: "latency" }, { service: "many.*", response_type: stream } ]
    mappings: { "map.*.*": "mapped.$2.$1", "part.*": "parts.{{partition(5,1)}}", "weighted": [ { destination: "w.1", weight: 50% }, { destination: "w.2", weight: 50% } ] }
  }
  B {
    users: [ { user: b, password: x } ]
    imports: [ { stream: { account: A, subject: "news.>" }, prefix: "their" }, { service: { account: A, subject: "svc" } }, { service: { account: A, subject: "many.*" }, to: "ask.$1" } ]
  }
}
system_account: SYS
no_auth_user: a
`;
