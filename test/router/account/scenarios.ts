/**
 * What accounts share, told as configurations and what their users then do. Each scenario has accounts of its
 * own; `@A` stands for the name of one. A user is called like its account, and a wire like its user.
 */
export interface Scenario {
  readonly name: string;
  /** By letter: the inside of `accounts { X { … } }`, without users. */
  readonly accounts: Readonly<Record<string, string>>;
  /** In the notation of the differential cases (cases.ts). */
  readonly steps: readonly string[];
}

const pub = (subject: string, body = 'x', reply = ''): string =>
  `PUB ${subject} ${reply === '' ? '' : `${reply} `}${String(body.length)}\r\n${body}`;

const exported = (...subjects: string[]): string =>
  `exports: [ ${subjects.map((subject) => `{ stream: "${subject}" }`).join(', ')} ]`;
const imported = (subject: string, rest = ''): string =>
  `imports: [ { stream: { account: @A, subject: "${subject}" }${rest} } ]`;
const served = (subject: string, rest = ''): string =>
  `exports: [ { service: "${subject}"${rest} } ]`;
const used = (subject: string, rest = ''): string =>
  `imports: [ { service: { account: @A, subject: "${subject}" }${rest} } ]`;

const streams: readonly Scenario[] = [
  {
    name: 'a literal stream under another literal name',
    accounts: { A: exported('news'), B: imported('news', ', to: "world.news"') },
    steps: ['b SUB world.news 1', 'b SUB world.* 2', 'b SUB news 3', `a ${pub('news')}`],
  },
  {
    name: 'a part of a stream',
    accounts: { A: exported('news.>'), B: imported('news.sport.>') },
    steps: ['b SUB news.> 1', `a ${pub('news.sport.ball')}`, `a ${pub('news.art')}`],
  },
  {
    name: 'a stream under a prefix, with and without a dot',
    accounts: {
      A: exported('news.*'),
      B: imported('news.*', ', prefix: "from.a."'),
      C: imported('news.*', ', prefix: "from.a"'),
    },
    steps: [
      'b SUB from.a.> 1',
      'c SUB from.*.news.* 1',
      `a ${pub('news.x')}`,
      `a ${pub('news.x.y')}`,
    ],
  },
  {
    name: 'a stream with its tokens turned round',
    accounts: { A: exported('at.*.*'), B: imported('at.*.*', ', to: "by.$2.$1"') },
    steps: [
      'b SUB by.*.* 1',
      'b SUB by.two.* 2',
      'b SUB by.*.one 3',
      'b SUB by.two.one 4',
      'b SUB by.one.two 5',
      `a ${pub('at.one.two')}`,
      `a ${pub('at.two.one')}`,
    ],
  },
  {
    name: 'a stream named by functions',
    accounts: {
      A: exported('at.*.*'),
      B: imported('at.*.*', ', to: "by.{{wildcard(2)}}.{{wildcard(1)}}"'),
    },
    steps: ['b SUB by.> 1', `a ${pub('at.one.two')}`],
  },
  {
    name: 'subscriptions that overlap an import without being part of it',
    accounts: { A: exported('deep.*.b.>'), B: imported('deep.*.b.>') },
    steps: [
      'b SUB deep.a.* 1',
      'b SUB deep.a.*.c 2',
      'b SUB *.a.> 3',
      'b SUB deep.> 4',
      'b SUB *.*.*.* 5',
      `a ${pub('deep.a.b.c')}`,
      `a ${pub('deep.a.b.c.d')}`,
      `a ${pub('deep.a.x.c')}`,
    ],
  },
  {
    name: 'an overlapping subscription to a renamed stream',
    accounts: { A: exported('in.*.*.>'), B: imported('in.*.*.>', ', to: "out.$2.$1.>"') },
    steps: [
      'b SUB out.*.one.> 1',
      'b SUB out.two.*.three 2',
      `a ${pub('in.one.two.three')}`,
      `a ${pub('in.one.four.three.five')}`,
    ],
  },
  {
    name: 'two imports of one stream',
    accounts: {
      A: exported('news.>'),
      B: 'imports: [ { stream: { account: @A, subject: "news.>" } }, { stream: { account: @A, subject: "news.sport" }, to: "sport" } ]',
    },
    steps: ['b SUB > 1', 'b SUB sport 2', `a ${pub('news.sport')}`],
  },
  {
    name: 'a stream to members of a queue group',
    accounts: { A: exported('news'), B: imported('news', ', to: "local"'), C: imported('news') },
    steps: [
      'b SUB local g q1',
      'b2 SUB local g q1',
      'c SUB news h q2',
      ...['1', '2', '3', '4'].map((body) => `a ${pub('news', body)}`),
    ],
  },
  {
    name: 'a stream with a reply and headers',
    accounts: { A: exported('news'), B: imported('news', ', to: "local"') },
    steps: [
      'b SUB local 1',
      `a ${pub('news', 'x', 'inbox')}`,
      'a HPUB news 18 19\r\nNATS/1.0\r\nk: v\r\n\r\nx',
    ],
  },
  {
    name: 'the end of a subscription and of a connection',
    accounts: { A: exported('news.*'), B: imported('news.*') },
    steps: [
      'b SUB news.* 1',
      'b2 SUB news.a 1',
      `a ${pub('news.a', '1')}`,
      'b UNSUB 1',
      `a ${pub('news.a', '2')}`,
      'b2 !close',
      `a ${pub('news.a', '3')}`,
      'b SUB news.a 2',
      `a ${pub('news.a', '4')}`,
    ],
  },
  {
    name: 'a maximum counts what is published at home',
    accounts: { A: exported('news'), B: imported('news') },
    steps: [
      'b SUB news 1',
      'b UNSUB 1 2',
      ...['1', '2', '3'].map((body) => `a ${pub('news', body)}`),
      ...['4', '5', '6'].map((body) => `b ${pub('news', body)}`),
      `a ${pub('news', '7')}`,
    ],
  },
  {
    name: 'streams do not pass through an account',
    accounts: {
      A: exported('news'),
      B: `${imported('news')}\n${exported('news')}`,
      C: 'imports: [ { stream: { account: @B, subject: "news" } } ]',
    },
    steps: ['c SUB news 1', 'b SUB news 1', `a ${pub('news', '1')}`, `b ${pub('news', '2')}`],
  },
  {
    name: 'a stream for some accounts only',
    accounts: {
      A: 'exports: [ { stream: "secret", accounts: [@B] } ]',
      B: imported('secret'),
      C: '',
    },
    steps: ['b SUB secret 1', 'c SUB secret 1', 'c SUB > 2', `a ${pub('secret')}`],
  },
  {
    name: 'a stream with the importing account in its name',
    accounts: {
      A: 'exports: [ { stream: "for.*.news", account_token_position: 2 } ]',
      B: imported('for.@B.news'),
    },
    steps: ['b SUB for.> 1', `a ${pub('for.@B.news')}`, `a ${pub('for.other.news')}`],
  },
  {
    name: 'a mapping of the exporting account feeds its stream',
    accounts: {
      A: `${exported('clean.*')}\nmappings: { "raw.*": "clean.$1" }`,
      B: imported('clean.*'),
    },
    steps: ['b SUB clean.* 1', 'b SUB raw.* 2', `a ${pub('raw.x')}`, `a ${pub('clean.y')}`],
  },
  {
    name: 'mappings of the importing account leave its streams alone',
    accounts: {
      A: exported('news.*'),
      B: `${imported('news.*')}\nmappings: { "news.*": "other.$1" }`,
    },
    steps: ['b SUB news.* 1', 'b SUB other.* 2', `a ${pub('news.x')}`, `b ${pub('news.y')}`],
  },
];

const services: readonly Scenario[] = [
  {
    name: 'a request and its answer',
    accounts: { A: served('svc'), B: used('svc') },
    steps: [
      'a SUB svc 1',
      'b SUB in.* 1',
      `b ${pub('svc', 'ask', 'in.1')}`,
      'a !reply yes',
      'a !reply again',
    ],
  },
  {
    name: 'a service under another name',
    accounts: { A: served('svc'), B: used('svc', ', to: "local.svc"') },
    steps: [
      'a SUB > 1',
      'b SUB in.* 1',
      `b ${pub('local.svc', 'ask', 'in.1')}`,
      `b ${pub('svc', 'ask', 'in.2')}`,
      'a !reply yes',
    ],
  },
  {
    name: 'a service with wildcards',
    accounts: { A: served('calc.*.*'), B: used('calc.*.*') },
    steps: [
      'a SUB calc.> 1',
      'b SUB in.* 1',
      `b ${pub('calc.1.2', 'ask', 'in.1')}`,
      'a !reply 3',
      `b ${pub('calc.1', 'ask')}`,
    ],
  },
  {
    name: 'a service with its tokens turned round',
    accounts: { A: served('calc.*.*'), B: used('calc.*.*', ', to: "my.$2.minus.$1"') },
    steps: [
      'a SUB calc.* 1',
      'a SUB calc.*.* 2',
      'b SUB in.* 1',
      `b ${pub('my.1.minus.2', 'ask', 'in.1')}`,
      'a !reply 1',
    ],
  },
  {
    name: 'a part of a service',
    accounts: { A: served('calc.>'), B: used('calc.add') },
    steps: [
      'a SUB calc.> 1',
      'b SUB in.* 1',
      `b ${pub('calc.add', 'ask', 'in.1')}`,
      `b ${pub('calc.sub', 'ask')}`,
      'a !reply 1',
    ],
  },
  {
    name: 'all of a service below another name',
    accounts: { A: served('calc.>'), B: used('calc.>', ', to: "my.calc.>"') },
    steps: ['a SUB > 1', 'b SUB in.* 1', `b ${pub('my.calc.a.b', 'ask', 'in.1')}`, 'a !reply 1'],
  },
  {
    name: 'a notice without a reply',
    accounts: { A: served('svc'), B: used('svc') },
    steps: [
      'a SUB svc 1',
      `b ${pub('svc', 'tell')}`,
      'b HPUB svc 18 19\r\nNATS/1.0\r\nk: v\r\n\r\nx',
    ],
  },
  {
    name: 'a client without headers serves',
    accounts: { A: served('svc'), B: used('svc') },
    steps: [
      'A',
      'A CONNECT {"verbose":false,"user":"@A","pass":"x","headers":false,"protocol":1,"lang":"t","version":"1"}',
      'A SUB svc 1',
      'b SUB in.* 1',
      `b ${pub('svc', 'ask', 'in.1')}`,
      'A !reply yes',
    ],
  },
  {
    name: 'several answers from a stream of them',
    accounts: { A: served('svc', ', response_type: stream'), B: used('svc') },
    steps: [
      'a SUB svc 1',
      'b SUB in.* 1',
      `b ${pub('svc', 'ask', 'in.1')}`,
      'a !reply 1',
      'a !reply 2',
      'a !reply ',
      'a !reply 3',
    ],
  },
  {
    name: 'one answer in chunks',
    accounts: { A: served('svc', ', response_type: chunked'), B: used('svc') },
    steps: [
      'a SUB svc 1',
      'b SUB in.* 1',
      `b ${pub('svc', 'ask', 'in.1')}`,
      'a !reply 1',
      'a !reply 2',
      'a !reply ',
      'a !reply 3',
    ],
  },
  {
    name: 'a queue group answers once',
    accounts: { A: served('svc'), B: used('svc') },
    steps: [
      'a SUB svc g q1',
      'a2 SUB svc g q1',
      'b SUB in.* 1',
      `b ${pub('svc', '1', 'in.1')}`,
      `b ${pub('svc', '2', 'in.2')}`,
    ],
  },
  {
    name: 'two services answer the same request',
    accounts: { A: served('svc'), B: used('svc') },
    steps: [
      'a SUB svc 1',
      'a2 SUB svc 1',
      'b SUB in.* 1',
      `b ${pub('svc', 'ask', 'in.1')}`,
      'a !reply 1',
      'a2 !reply 2',
    ],
  },
  {
    name: 'a service at home and one abroad',
    accounts: { A: served('svc'), B: used('svc') },
    steps: [
      'a SUB svc 1',
      'b SUB svc 2',
      'b SUB in.* 1',
      `b ${pub('svc', 'ask', 'in.1')}`,

      'b !reply home',
      'a !reply abroad',
    ],
  },
  {
    name: 'a chain of three accounts',
    accounts: {
      A: served('a.svc'),
      B: `${used('a.svc', ', to: "b.svc"')}\n${served('b.svc')}`,
      C: 'imports: [ { service: { account: @B, subject: "b.svc" }, to: "c.svc" } ]',
    },
    steps: [
      'a SUB a.svc 1',
      'c SUB in.* 1',
      'b SUB > 9',
      `c ${pub('c.svc', 'ask', 'in.1')}`,
      'a !reply yes',
    ],
  },
  {
    name: 'a chain that shares who asks',
    accounts: {
      A: served('a.svc'),
      B: `${used('a.svc', ', to: "b.svc", share: true')}\n${served('b.svc')}`,
      C: 'imports: [ { service: { account: @B, subject: "b.svc" }, to: "c.svc", share: true } ]',
    },
    steps: ['a SUB a.svc 1', 'c SUB in.* 1', `c ${pub('c.svc', 'ask', 'in.1')}`, 'a !reply yes'],
  },
  {
    name: 'a chain that shares only at its end',
    accounts: {
      A: served('a.svc'),
      B: `${used('a.svc', ', to: "b.svc", share: true')}\n${served('b.svc')}`,
      C: 'imports: [ { service: { account: @B, subject: "b.svc" }, to: "c.svc" } ]',
    },
    steps: ['a SUB a.svc 1', 'c SUB in.* 1', `c ${pub('c.svc', 'ask', 'in.1')}`, 'a !reply yes'],
  },
  {
    name: 'a service of the own account',
    accounts: { A: `${served('svc')}\n${used('svc', ', to: "alias"')}` },
    steps: ['a SUB svc 1', 'a2 SUB in.* 1', `a2 ${pub('alias', 'ask', 'in.1')}`, 'a !reply yes'],
  },
  {
    name: 'services of two accounts for each other',
    accounts: {
      A: `${served('a.svc')}\nimports: [ { service: { account: @B, subject: "b.svc" } } ]`,
      B: `${served('b.svc')}\n${used('a.svc')}`,
    },
    steps: [
      'a SUB a.svc 1',
      'b SUB b.svc 1',
      'a SUB in.* 2',
      'b SUB in.* 2',
      `a ${pub('b.svc', '1', 'in.a')}`,
      'b !reply to a',
      `b ${pub('a.svc', '2', 'in.b')}`,
      'a !reply to b',
    ],
  },
  {
    name: 'a request is no stream',
    accounts: {
      A: 'exports: [ { service: "both" }, { stream: "both" } ]',
      B: used('both'),
      C: imported('both'),
    },
    steps: [
      'a SUB both 1',
      'c SUB both 1',
      `b ${pub('both', 'as a request')}`,
      `a ${pub('both', 'as a stream')}`,
    ],
  },
  {
    name: 'a mapping leads to a service, and one behind it',
    accounts: {
      A: `${served('svc')}\nmappings: { "svc": "svc.new" }`,
      B: `${used('svc')}\nmappings: { "ask": "svc" }`,
    },
    steps: [
      'a SUB svc 1',
      'a SUB svc.new 2',
      'b SUB in.* 1',
      `b ${pub('ask', 'ask', 'in.1')}`,
      'a !reply yes',
    ],
  },
  {
    name: 'answers go through the mappings of who asks',
    accounts: { A: served('svc'), B: `${used('svc')}\nmappings: { "in.1": "in.mapped" }` },
    steps: ['a SUB svc 1', 'b SUB in.* 1', `b ${pub('svc', 'ask', 'in.1')}`, 'a !reply yes'],
  },
  {
    name: 'an answer that wants to be answered',
    accounts: { A: served('svc'), B: used('svc') },
    steps: [
      'a SUB svc 1',
      'a SUB more.* 2',
      'b SUB in.* 1',
      `b ${pub('svc', 'ask', 'in.1')}`,
      'a !answer more.1 which?',
      'b !reply this',
      'b !reply that',
    ],
  },
  {
    name: 'who listens no more is not answered',
    accounts: { A: served('svc'), B: used('svc') },
    steps: [
      'a SUB svc 1',
      'b SUB in.1 1',
      `b ${pub('svc', 'ask', 'in.1')}`,
      'b UNSUB 1',
      'a !reply late',
      'b SUB in.1 2',
      'a !reply later',
    ],
  },
  {
    name: 'an inbox for one answer',
    accounts: { A: served('svc', ', response_type: stream'), B: used('svc') },
    steps: [
      'a SUB svc 1',
      'b SUB in.1 1',
      'b UNSUB 1 1',
      `b ${pub('svc', 'ask', 'in.1')}`,
      'a !reply 1',
      'a !reply 2',
    ],
  },
  {
    name: 'a service for some accounts only',
    accounts: { A: 'exports: [ { service: "secret", accounts: [@B] } ]', B: used('secret'), C: '' },
    steps: [
      'a SUB secret 1',
      'b SUB in.* 1',
      'c SUB in.* 1',
      `b ${pub('secret', 'b', 'in.1')}`,
      `c ${pub('secret', 'c', 'in.1')}`,
    ],
  },
  {
    name: 'a service with the importing account in its name',
    accounts: {
      A: 'exports: [ { service: "who.*", account_token_position: 2 } ]',
      B: used('who.@B', ', to: "who"'),
    },
    steps: ['a SUB who.* 1', 'b SUB in.* 1', `b ${pub('who', 'ask', 'in.1')}`, 'a !reply you'],
  },
  {
    name: 'no echo to oneself, and a request all the same',
    accounts: { A: `${served('svc')}\n${used('svc', ', to: "alias"')}` },
    steps: [
      'A',
      'A CONNECT {"verbose":false,"user":"@A","pass":"x","headers":true,"echo":false,"protocol":1,"lang":"t","version":"1"}',
      'A SUB alias 1',
      'A SUB svc 2',
      'a SUB svc 3',
      `A ${pub('alias', 'ask')}`,
    ],
  },
  {
    name: 'headers of a request and of its answer',
    accounts: { A: served('svc'), B: used('svc') },
    steps: [
      'a SUB svc 1',
      'b SUB in.* 1',
      'b HPUB svc in.1 49 52\r\nNATS/1.0\r\na: 1\r\nNats-Request-Info: x\r\nb: 2\r\n\r\nask',
      'a !reply yes',
    ],
  },
  {
    name: 'a sample of how long a service takes',
    accounts: {
      A: served('svc', ', latency: { subject: "took", sampling: 100% }'),
      B: used('svc', ', share: true'),
    },
    steps: [
      'a SUB svc 1',
      'a SUB took 2',
      'b SUB in.* 1',
      `b ${pub('svc', 'ask', 'in.1')}`,
      'a !reply yes',
      'a !wait',
    ],
  },
  {
    name: 'a sample of a request without a reply',
    accounts: {
      A: served('svc', ', latency: { subject: "took", sampling: 100% }'),
      B: used('svc'),
    },
    steps: ['a SUB svc 1', 'a SUB took 2', `b ${pub('svc', 'ask')}`, 'a !wait'],
  },
  {
    name: 'a sample of a request whose asker left',
    accounts: {
      A: served('svc', ', latency: { subject: "took", sampling: 100% }'),
      B: used('svc'),
    },
    steps: [
      'a SUB svc 1',
      'a SUB took 2',
      'b SUB in.1 1',
      `b ${pub('svc', 'ask', 'in.1')}`,
      'b UNSUB 1',
      'a !wait',
      'a !wait',
    ],
  },
  {
    name: 'a sample of a request that took too long',
    accounts: {
      A: served(
        'svc',
        ', response_threshold: "60ms", latency: { subject: "took", sampling: 100% }',
      ),
      B: used('svc'),
    },
    steps: [
      'a SUB svc 1',
      'a SUB took 2',
      'b SUB in.1 1',
      `b ${pub('svc', 'ask', 'in.1')}`,
      ...Array<string>(8).fill('a !wait'),
      'a !reply late',
    ],
  },
  {
    name: 'samples cross accounts as streams',
    accounts: {
      A: 'exports: [ { service: "svc", latency: { subject: "took" } }, { stream: "took" } ]',
      B: 'imports: [ { service: { account: @A, subject: "svc" } }, { stream: { account: @A, subject: "took" }, to: "took.a" } ]',
    },
    steps: [
      'a SUB svc 1',
      'b SUB took.a 2',
      'b SUB in.* 1',
      `b ${pub('svc', 'ask', 'in.1')}`,
      'a !reply yes',
      'b !wait',
    ],
  },
];

const limits: readonly Scenario[] = [
  {
    name: 'connections of one account are limited, those of another are not',
    accounts: { A: 'limits { max_connections: 1 }', B: '' },
    steps: ['a PING', 'a2 PING', 'b PING', 'b2 PING', 'a !close', 'a3 PING'],
  },
  {
    name: 'subscriptions of a client are limited, shadows of streams do not count',
    accounts: {
      A: exported('news.>', 'more.>'),
      B: `limits { max_subscriptions: 2 }\nimports: [ { stream: { account: @A, subject: "news.>" } }, { stream: { account: @A, subject: "more.>" } } ]`,
    },
    steps: [
      'b SUB > 1',
      'b SUB news.* 2',
      'b SUB other 3',
      `a ${pub('news.x')}`,
      `a ${pub('more.x')}`,
    ],
  },
  {
    name: 'payloads of an account are limited, not what comes to it',
    accounts: { A: exported('news'), B: `limits { max_payload: 5 }\n${imported('news')}` },
    steps: [
      'b SUB news 1',
      `a ${pub('news', 'longer than five')}`,
      `b ${pub('x', '12345')}`,
      `b ${pub('x', '123456')}`,
    ],
  },
];

export const scenarios: readonly Scenario[] = [...streams, ...services, ...limits];
