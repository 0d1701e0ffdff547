/** Accounts: what is kept apart, and what exports and imports let through. */
import { chat, connectLine, hpub, pub, type Case, type Suite } from '../cases.ts';

const config = `
accounts {
  A {
    users: [ { user: a, password: x } ]
    exports: [
      { stream: "news.>" }
      { stream: "private.news", accounts: [B] }
      { service: "open.svc" }
      { service: "closed.svc", accounts: [B] }
      { service: "calc.*.*" }
      { service: "many", response_type: stream }
      { service: "chunks", response_type: chunked }
      { service: "timed", latency: { subject: "latency.timed", sampling: 100% } }
      { service: "timed.headers", latency: { subject: "latency.headers", sampling: headers } }
      { service: "from.*", account_token_position: 2 }
      { service: "shared" }
      { service: "mapped.svc" }
      { stream: "mapped.news" }
      { stream: "deep.*.*.>" }
    ]
    mappings: { "mapped.svc": "mapped.svc.real", "before": "mapped.news" }
  }
  B {
    users: [ { user: b, password: x }, { user: limited, password: x, permissions: { publish: ["ask", "inbox.>"], subscribe: ["inbox.>", "from.a.>"] } } ]
    imports: [
      { stream: { account: A, subject: "news.>" } }
      { stream: { account: A, subject: "private.news" }, to: "my.news" }
      { stream: { account: A, subject: "news.sport.*" }, prefix: "from.a" }
      { stream: { account: A, subject: "deep.*.*.>" }, to: "turned.$2.$1.>" }
      { stream: { account: A, subject: "mapped.news" } }
      { service: { account: A, subject: "open.svc" } }
      { service: { account: A, subject: "closed.svc" }, to: "ask" }
      { service: { account: A, subject: "calc.*.*" }, to: "reckon.$2.$1" }
      { service: { account: A, subject: "many" } }
      { service: { account: A, subject: "chunks" } }
      { service: { account: A, subject: "timed" } }
      { service: { account: A, subject: "timed.headers" } }
      { service: { account: A, subject: "from.B" }, to: "me" }
      { service: { account: A, subject: "shared" }, share: true }
      { service: { account: A, subject: "mapped.svc" } }
    ]
    exports: [ { service: "chain.b" }, { stream: "chain.news" } ]
  }
  C {
    users: [ { user: c, password: x } ]
    imports: [
      { stream: { account: A, subject: "news.>" }, to: "world.>" }
      { service: { account: A, subject: "open.svc" }, to: "local.svc" }
      { service: { account: B, subject: "chain.b" }, to: "chain.c" }
      { stream: { account: B, subject: "chain.news" } }
    ]
    exports: [ { service: "chain.c" } ]
    mappings: { "local.x": "local.y", "mapped.ask": "local.svc" }
  }
  D { users: [ { user: d, password: x } ], imports: [ { service: { account: C, subject: "chain.c" }, to: "chain.d" } ] }
  L {
    users: [ { user: l, password: x } ]
    limits { max_subscriptions: 3, max_connections: 2, max_payload: 50 }
  }
}
no_auth_user: d
`;

const streams = [
  'news.a',
  'news.sport.ball',
  'news.sport.ball.foot',
  'private.news',
  'deep.one.two.three',
  'deep.one.two.three.four',
  'mapped.news',
  'before',
  'other',
  'news',
];
const services = ['open.svc', 'ask', 'reckon.5.7', 'me', 'shared', 'mapped.svc', 'timed'];

const isolation: readonly Case[] = [
  chat(
    'accounts do not hear each other',
    'a SUB > 1',
    'b SUB > 1',
    'c SUB > 1',
    'd SUB > 1',
    `a ${pub('foo')}`,
    `b ${pub('foo')}`,
    `c ${pub('foo')}`,
    `d ${pub('foo')}`,
  ),
  chat(
    'no responders in another account',
    'a SUB svc 1',
    'b SUB inbox 1',
    `b ${pub('svc', 'x', 'inbox')}`,
  ),
  chat(
    'queue groups of two accounts',
    'a SUB foo g q1',
    'b SUB foo g q2',
    `a ${pub('foo')}`,
    `b ${pub('foo')}`,
  ),
  chat(
    'another account by a second CONNECT',
    'a SUB foo 1',
    `a ${connectLine({ user: 'b', pass: 'x' })}`,
    `b ${pub('foo')}`,
    `a ${pub('foo')}`,
    'a SUB foo 2',
    `b ${pub('foo')}`,
  ),
  chat(
    'nobody becomes the user for all others',
    `D ${connectLine()}`,
    'D SUB foo 1',
    `d ${pub('foo')}`,
    `a ${pub('foo')}`,
  ),
  chat('account asked for in CONNECT', `D ${connectLine({ account: 'A' })}`, 'D PING'),
];

const streamCases: readonly Case[] = [
  ...streams.flatMap((subject) => [
    chat(
      `a stream at ${subject}, everything subscribed`,
      'b SUB > 1',
      'c SUB > 2',
      'd SUB > 3',
      `a ${pub(subject, 'x', 'inbox')}`,
      `a ${hpub(subject, ['k: v'], 'x')}`,
    ),
    chat(
      `a stream at ${subject}, its names subscribed`,
      ...[
        subject,
        'my.news',
        'from.a.news.sport.*',
        'turned.two.one.three',
        `world.${subject.slice(5)}`,
      ].map((each, i) => `b SUB ${each} ${i + 1}`),
      `c SUB world.${subject.slice(5)} 9`,
      `a ${pub(subject, 'x')}`,
    ),
  ]),
  chat('a stream does not go back', 'a SUB > 1', `b ${pub('news.a')}`, `c ${pub('world.a')}`),
  chat(
    'a stream after UNSUB',
    'b SUB news.a 1',
    'b SUB news.a 2',
    'b UNSUB 1',
    `a ${pub('news.a')}`,
    'b UNSUB 2',
    `a ${pub('news.a')}`,
  ),
  chat(
    'a stream with a maximum',
    'b SUB news.* 1',
    'b UNSUB 1 2',
    ...['1', '2', '3'].map((body) => `a ${pub('news.x', body)}`),
  ),
  chat(
    'a stream to a queue group',
    'b SUB news.a g q1',
    'b2 SUB news.a g q1',
    ...['1', '2', '3'].map((body) => `a ${pub('news.a', body)}`),
  ),
  chat(
    'a stream subscribed before and after',
    'b SUB news.* 1',
    `a ${pub('news.a', '1')}`,
    'c SUB world.* 1',
    `a ${pub('news.a', '2')}`,
    'b !close',
    `a ${pub('news.a', '3')}`,
  ),
  chat(
    'a stream and permissions',
    'limited SUB from.a.> 1',
    'limited SUB news.> 2',
    `a ${pub('news.sport.x')}`,
  ),
  chat(
    'a stream of a chain',
    'c SUB chain.news 1',
    `b ${pub('chain.news')}`,
    `a ${pub('chain.news')}`,
  ),
  chat(
    'a stream with a wildcard in the middle',
    'b SUB turned.*.one.> 1',
    'b SUB turned.two.*.* 2',
    `a ${pub('deep.one.two.three')}`,
    `a ${pub('deep.x.two.three')}`,
  ),
];

const answering = [
  'open.svc',
  'closed.svc',
  'calc.7.5',
  'from.B',
  'shared',
  'mapped.svc.real',
  'timed',
];

const serviceCases: readonly Case[] = [
  ...services.map((subject) =>
    chat(
      `a request to ${subject}`,
      ...answering.map((each, i) => `a SUB ${each} ${i + 1}`),
      'b SUB inbox.* 1',
      `b ${pub(subject, 'ask', 'inbox.1')}`,
      'a !reply answer',
      'a !reply another',
    ),
  ),
  chat(
    'a request with headers',
    'a SUB open.svc 1',
    'b SUB inbox.* 1',
    `b ${hpub('open.svc', ['k: v'], 'ask', 'inbox.1')}`,
    'a !reply answer',
  ),
  chat(
    'a shared request says who asks',
    'a SUB shared 1',
    'b SUB inbox.* 1',
    `b ${hpub('shared', ['k: v'], 'ask', 'inbox.1')}`,
    'a !reply answer',
  ),
  chat('a request without a reply', 'a SUB open.svc 1', `b ${pub('open.svc', 'tell')}`),
  chat(
    'a request that nobody answers',
    'b SUB inbox.* 1',
    `b ${pub('open.svc', 'ask', 'inbox.1')}`,
    `b ${pub('calc.1.2', 'ask', 'inbox.2')}`,
    'b PING',
  ),
  chat(
    'a request from an account without the import',
    'a SUB open.svc 1',
    'd SUB inbox.* 1',
    `d ${pub('open.svc', 'ask', 'inbox.1')}`,
  ),
  chat(
    'a request under another name',
    'a SUB open.svc 1',
    'c SUB inbox.* 1',
    `c ${pub('local.svc', 'ask', 'inbox.1')}`,
    'a !reply answer',
  ),
  chat(
    'a request through a mapping of the asking account',
    'a SUB open.svc 1',
    'c SUB inbox.* 1',
    `c ${pub('mapped.ask', 'ask', 'inbox.1')}`,
    'a !reply answer',
  ),
  chat(
    'a request to a queue group',
    'a SUB open.svc g q1',
    'a2 SUB open.svc g q1',
    'b SUB inbox.* 1',
    `b ${pub('open.svc', '1', 'inbox.1')}`,
    `b ${pub('open.svc', '2', 'inbox.2')}`,
  ),
  chat(
    'a request to a local subscription too',
    'a SUB open.svc 1',
    'b SUB open.svc 1',
    'b2 SUB inbox.* 1',
    `b2 ${pub('open.svc', 'ask', 'inbox.1')}`,
    'a !reply answer',
  ),
  chat(
    'many answers',
    'a SUB many 1',
    'b SUB inbox.* 1',
    `b ${pub('many', 'ask', 'inbox.1')}`,
    'a !reply 1',
    'a !reply 2',
    'a !reply 3',
    'a !reply ',
  ),
  chat(
    'answers in chunks',
    'a SUB chunks 1',
    'b SUB inbox.* 1',
    `b ${pub('chunks', 'ask', 'inbox.1')}`,
    'a !reply 1',
    'a !reply 2',
    'a !reply ',
    'a !reply 3',
  ),
  chat(
    'a request along a chain',
    'b SUB chain.b 1',
    'd SUB inbox.* 1',
    `d ${pub('chain.d', 'ask', 'inbox.1')}`,
    'b !reply answer',
  ),
  chat(
    'permissions of the asking user',
    'a SUB closed.svc 1',
    'limited SUB inbox.> 1',
    `limited ${pub('ask', 'x', 'inbox.1')}`,
    'a !reply answer',
    `limited ${pub('me', 'x', 'inbox.1')}`,
  ),
  chat(
    'the reply is reserved',
    'a SUB open.svc 1',
    `b ${pub('open.svc', 'x', '_R_.abc.def')}`,
    'b PING',
  ),
  chat(
    'a latency sample',
    'a SUB timed 1',
    'a SUB latency.> 2',
    'b SUB inbox.* 1',
    `b ${pub('timed', 'ask', 'inbox.1')}`,
    'a !reply answer',
    'a !wait',
  ),
  chat(
    'a latency sample with the name of the client',
    'A',
    `A ${connectLine({ user: 'a', pass: 'x', name: 'service' })}`,
    'A SUB timed 1',
    'A SUB latency.> 2',
    'B',
    `B ${connectLine({ user: 'b', pass: 'x', name: 'asker' })}`,
    'B SUB inbox.* 1',
    `B ${pub('timed', 'ask', 'inbox.1')}`,
    'A !reply answer',
    'A !wait',
  ),
  chat(
    'a latency sample of a request with no responders',
    'a SUB latency.> 2',
    'b SUB inbox.* 1',
    `b ${pub('timed', 'ask', 'inbox.1')}`,
    'a !wait',
  ),
  ...[
    'X-B3-Sampled: 1',
    'X-B3-Sampled: 0',
    'Uber-Trace-Id: 1:2:3:1',
    'traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    'traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00',
    'B3: 1',
    'nothing: 1',
  ].map((header) =>
    chat(
      `a latency sample asked for by ${header}`,
      'a SUB timed.headers 1',
      'a SUB latency.> 2',
      'b SUB inbox.* 1',
      `b ${hpub('timed.headers', [header], 'ask', 'inbox.1')}`,
      'a !reply answer',
      'a !wait',
    ),
  ),
];

const limitCases: readonly Case[] = [
  chat(
    'the payload limit of an account',
    'l SUB foo 1',
    `l ${pub('foo', 'x'.repeat(50))}`,
    `l ${pub('foo', 'x'.repeat(51))}`,
    'l PING',
  ),
  chat('INFO after the login says the payload limit', 'l PING', 'a PING'),
  chat(
    'the subscription limit of an account',
    'l SUB a 1',
    'l SUB b 2',
    'l SUB c 3',
    'l SUB d 4',
    'l PING',
    `l ${pub('d')}`,
  ),
  chat(
    'the subscription limit of an account over two clients',
    'l SUB a 1',
    'l SUB b 2',
    'l2 SUB c 3',
    'l2 SUB d 4',
    'l2 PING',
  ),
  chat('the connection limit of an account', 'l PING', 'l2 PING', 'l3 PING', 'l !close', 'l4 PING'),
];

export const accounts: readonly Suite[] = [
  {
    name: 'accounts',
    config,
    login: (name) => ({ user: name.replace(/\d+$/, ''), pass: 'x' }),
    cases: [...isolation, ...streamCases, ...serviceCases, ...limitCases],
  },
];
