import { afterAll, beforeAll, expect, test } from 'vitest';
import { chat, type Case } from '../differential/cases.ts';
import { agreement, startPair, type Pair } from '../differential/compare.ts';
import { scenarios, type Scenario } from './scenarios.ts';

/** Each scenario's accounts have names of their own, so that one configuration holds them all. */
const nameOf = (at: number, letter: string): string => `S${String(at)}${letter}`;
const named = (text: string, at: number): string =>
  text.replaceAll(/@([A-Z])/g, (_, letter: string) => nameOf(at, letter));

const config = `accounts {\n${scenarios
  .flatMap(({ accounts }, at) =>
    Object.entries(accounts).map(
      ([letter, body]) =>
        `${nameOf(at, letter)} { users: [ { user: ${nameOf(at, letter)}, password: x } ]\n${named(body, at)} }`,
    ),
  )
  .join('\n')}\n}`;

/** `!answer <reply> <body>`: publishes to the last message's reply, wanting an answer itself. */
function script({ steps }: Scenario, at: number): Case {
  return {
    name: '',
    async run(session) {
      for (const step of steps) {
        const [, who = '', reply = '', body = ''] = /^(\S+) !answer (\S+) (.*)$/.exec(step) ?? [];
        const wire = session.wire(who);
        if (wire === undefined) await chat('', named(step, at)).run(session);
        else {
          const line = `PUB ${wire.last.reply} ${reply} ${String(body.length)}`;
          await session.send(wire, `${line}\r\n${body}\r\n`);
        }
      }
    },
  };
}

let pair: Pair | undefined;
beforeAll(async () => {
  pair = await startPair({ config });
});
afterAll(() => pair?.[Symbol.asyncDispose]());

for (const [at, scenario] of scenarios.entries()) {
  test(`accounts beside nats-server - ${scenario.name}`, async () => {
    const login = (wire: string): object => ({
      user: nameOf(at, wire.charAt(0).toUpperCase()),
      pass: 'x',
    });
    const { reference, subject } = await agreement(pair as Pair, script(scenario, at).run, login);
    expect(subject).toBe(reference);
  });
}
