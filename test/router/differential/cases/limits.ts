/** Limits on what a client may send, own and hold. */
import { chat, connectLine, hpub, pub, type Case, type Suite } from '../cases.ts';

const lineOf = (length: number): string => `SUB ${'x'.repeat(length - 'SUB  1'.length)} 1`;

const controlLine: readonly Case[] = [
  ...[4090, 4096, 4097, 4100, 4101, 4102, 4110, 5000].map((length) =>
    chat(`a SUB line of ${length} bytes`, `a ${lineOf(length)}`, 'a PING'),
  ),
  ...[4095, 4096, 4097, 4098, 6000].map((length) =>
    chat(
      `a PUB line with ${length} bytes of arguments`,
      `a PUB ${'x'.repeat(length - 2)} 2\r\nhi`,
      'a PING',
    ),
  ),
  ...[4096, 4097, 5000].map((length) =>
    chat(
      `an HPUB line with ${length} bytes of arguments`,
      `a HPUB ${'x'.repeat(length - 6)} 12 14\r\nNATS/1.0\r\n\r\nhi`,
      'a PING',
    ),
  ),
  ...[4096, 4097, 5000].map((length) =>
    chat(
      `a PUB line with ${length} bytes of arguments, in pieces`,
      `a PUB ${'x'.repeat(2000)}\\`,
      `a ${'x'.repeat(length - 2002)} 2\r\nhi`,
      'a PING',
    ),
  ),
  {
    name: 'a long line that never ends',
    async run(session) {
      const wire = await session.open('a');
      await session.send(wire, 'SUB ', ...Array.from({ length: 11 }, () => 'x'.repeat(400)));
    },
  },
  chat('a long CONNECT', `A ${connectLine({ name: 'x'.repeat(3000) })}`, 'A PING'),
  chat('a CONNECT over the limit', `A ${connectLine({ name: 'x'.repeat(5000) })}`, 'A PING'),
  chat('a long line of spaces', `a SUB${' '.repeat(5000)}foo 1`, 'a PING'),
  chat('a long UNSUB', `a UNSUB ${'1'.repeat(5000)}`, 'a PING'),
  chat('a long INFO', `a INFO {"x":"${'1'.repeat(5000)}"}`, 'a PING'),
  chat('a long -ERR', `a -ERR '${'1'.repeat(5000)}'`, 'a PING'),
  chat('a long PING', `a PING${' '.repeat(5000)}`, 'a PING'),
];

const small: readonly Case[] = [
  chat('INFO says the payload limit', 'A'),
  ...[99, 100, 101, 400].map((size) =>
    chat(
      `a payload of ${size} bytes`,
      'a SUB foo 1',
      `a ${pub('foo', 'x'.repeat(size))}`,
      'a PING',
    ),
  ),
  chat('a payload that is announced too long', 'a PUB foo 101\\', 'a '),
  chat(
    'headers and body together over the limit',
    `a ${hpub('foo', ['a: b'], 'x'.repeat(90))}`,
    'a PING',
  ),
  chat(
    'headers and body just within the limit',
    'a SUB foo 1',
    `a ${hpub('foo', ['a: b'], 'x'.repeat(82))}`,
    'a PING',
  ),
  chat('a control line over 60 bytes', `a SUB ${'x'.repeat(70)} 1`, 'a PING'),
  chat('a control line of 60 bytes', `a SUB ${'x'.repeat(58)} 1`, 'a PING'),
  chat('CONNECT over the control line', `A ${connectLine()}`, 'A PING'),
  chat(
    'four subscriptions',
    'a SUB a 1',
    'a SUB b 2',
    'a SUB c 3',
    'a SUB d 4',
    `a ${pub('d')}`,
    'a UNSUB 1',
    'a SUB d 4',
    `a ${pub('d')}`,
  ),
  chat(
    'a sid used twice at the limit of subscriptions',
    'a SUB a 1',
    'a SUB b 2',
    'a SUB b 2',
    'a SUB c 3',
    'a SUB c 3',
  ),
  chat(
    'the limit of subscriptions is per connection',
    'a SUB a 1',
    'a SUB b 2',
    'a SUB c 3',
    'b SUB a 1',
    'b SUB b 2',
    'b SUB c 3',
  ),
  chat(
    'the limit of subscriptions in verbose mode',
    `A CONNECT {"verbose":true}`,
    'A SUB a 1',
    'A SUB b 2',
    'A SUB c 3',
    'A SUB d 4',
  ),
  chat('a subscription of three tokens', 'a SUB a.b.c 1', 'a SUB a.*.> 2', 'a PING'),
  chat(
    'a subscription of four tokens',
    'a SUB a.b.c.d 1',
    'a SUB *.*.*.* 2',
    'a SUB a.b.c.d q 3',
    `a ${pub('a.b.c.d')}`,
  ),
];

const connections: readonly Case[] = [
  chat('the fourth connection', 'a', 'b', 'c', 'D', 'D !wait', 'a !close', 'E', 'E PING'),
  chat('the fourth connection that speaks', 'a', 'b', 'c', 'D', 'D !wait', 'D PING'),
];

const times: readonly Case[] = [
  {
    name: 'a client that never answers PING is stale',
    async run(session) {
      const wire = await session.open('A', { connect: false });
      await session.push(wire, connectLine());
      await session.push(wire, '\r\n');
      await session.until(wire, /closed/, 4_000);
    },
  },
];

const noHeaders: readonly Case[] = [
  chat('INFO says so', 'A'),
  chat('HPUB', 'a SUB foo 1', `a ${hpub('foo', ['a: b'])}`, 'a PING'),
  chat('CONNECT with headers and no responders', `A ${connectLine()}`, 'A PING'),
  chat(
    'CONNECT with headers alone',
    `A ${connectLine({ no_responders: false })}`,
    `A ${hpub('foo', ['a: b'])}`,
  ),
];

export const limits: readonly Suite[] = [
  { name: 'control line', cases: controlLine },
  {
    name: 'small limits',
    config: 'max_payload: 100\nmax_subscriptions: 3\nmax_subscription_tokens: 3',
    cases: small.filter((each) => !each.name.includes('control line')),
  },
  {
    name: 'a small control line',
    config: 'max_control_line: 60',
    cases: small.filter((each) => each.name.includes('control line')),
  },
  { name: 'three connections', config: 'max_connections: 3', cases: connections },
  { name: 'short pings', config: 'ping_interval: "300ms"\nping_max: 1', cases: times },
  { name: 'no headers', config: 'no_header_support: true', cases: noHeaders },
];
