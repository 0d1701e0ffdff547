/** Random sessions: what several clients send, mostly as clients do, sometimes slightly or badly wrong. */
import fc from 'fast-check';
import type { Session } from './session.ts';
import { plainConnect } from './session.ts';

/** Configurations that sessions are run on, and who may log in there. */
export const playgrounds: readonly {
  readonly name: string;
  readonly config: string;
  readonly users: readonly string[];
  /** Whether clients may log in again as somebody else. nats-server leaves their subscriptions in the old account. */
  readonly again: boolean;
}[] = [
  { name: 'open', config: '', users: [], again: true },
  {
    name: 'permissions',
    config: `authorization { users: [
      { user: all, password: x }
      { user: few, password: x, permissions: { publish: ["a", "b.*", "r.>"], subscribe: ["a.>", "b.c", "r.1"] } }
      { user: deny, password: x, permissions: { publish: { deny: ["a.>", "*.c"] }, subscribe: { deny: ["b.c", "a.*.c", "r.>"] } } }
      { user: queue, password: x, permissions: { subscribe: ["a g1", "*.b g*", "r.>"] } }
      { user: answers, password: x, permissions: { publish: "a", subscribe: ">", allow_responses: { max: 2, expires: "1m" } } }
    ] }`,
    users: ['all', 'few', 'deny', 'queue', 'answers'],
    again: true,
  },
  {
    // For queue subscriptions to an imported stream nats-server looks up the exporter's subject among what is
    // denied; so C denies a subject under both its names.
    name: 'accounts',
    config: `accounts {
      A { users: [ { user: a, password: x } ], exports: [ { stream: "a.>" }, { stream: "b", accounts: [B] } ], mappings: { "c.*": "a.$1", "b.c": "b" } }
      B { users: [ { user: b, password: x } ], imports: [ { stream: { account: A, subject: "a.>" }, prefix: "c" }, { stream: { account: A, subject: "b" } } ] }
      C { users: [ { user: c, password: x, permissions: { subscribe: { deny: ["a.b", "b.b"] } } } ], imports: [ { stream: { account: A, subject: "a.>" }, to: "b.>" } ] }
    }`,
    users: ['a', 'b', 'c'],
    again: false,
  },
];

export interface RandomSession {
  /** Index of a playground. */
  readonly playground: number;
  readonly connects: readonly { readonly user: number; readonly fields: object }[];
  readonly steps: readonly Step[];
}

type Step =
  | {
      readonly kind: 'send';
      readonly wire: number;
      readonly text: string;
      readonly cuts: readonly number[];
    }
  /** Bytes after which nobody knows what the server waits for: the wire is closed behind them. */
  | { readonly kind: 'spoil'; readonly wire: number; readonly text: string }
  | { readonly kind: 'close'; readonly wire: number };

const token = fc.constantFrom('a', 'b', 'c');
const inbox = fc.constantFrom('r.1', 'r.2', 'r.1.x');
const literal = fc.oneof(
  { weight: 8, arbitrary: fc.array(token, { minLength: 1, maxLength: 3 }).map((t) => t.join('.')) },
  { weight: 2, arbitrary: inbox },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'a..b',
      '.',
      'a.',
      '.a',
      '*',
      '>',
      'a.*',
      'a.>',
      '_R_.x',
      'é',
      'a*',
      'a.>.b',
    ),
  },
);
const pattern = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        fc.array(fc.constantFrom('a', 'b', 'c', '*'), { minLength: 1, maxLength: 3 }),
        fc.constantFrom('', '', '.>'),
      )
      .map(([tokens, tail]) => tokens.join('.') + tail),
  },
  { weight: 2, arbitrary: fc.constantFrom('>', 'r.>', 'r.*', 'r.1', '*.*') },
  { weight: 1, arbitrary: fc.constantFrom('a..b', '.', 'a.>.b', '*a', 'a.', '', '$SYS.a') },
);
const sid = fc.constantFrom('1', '2', '3', 'x');
const space = fc.oneof(
  { weight: 12, arbitrary: fc.constant(' ') },
  { weight: 1, arbitrary: fc.constantFrom('  ', '\t', ' \t ') },
);
const lineEnd = fc.oneof(
  { weight: 12, arbitrary: fc.constant('\r\n') },
  { weight: 1, arbitrary: fc.constantFrom('\n', ' \r\n', '\t\r\n') },
);
const verbCase = fc.oneof(
  { weight: 12, arbitrary: fc.constant((verb: string) => verb) },
  { weight: 1, arbitrary: fc.constant((verb: string) => verb.toLowerCase()) },
);
const body = fc.constantFrom('', 'x', 'hello', 'PUB\r\n', '\r\n', '\0\xff', 'x'.repeat(600));
const headers = fc.constantFrom('', 'a: b\r\n', 'a: b\r\nc:d\r\n', 'nonsense');

const line = (words: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc
    .tuple(verbCase, fc.tuple(...words), fc.array(space, { minLength: 6, maxLength: 6 }), lineEnd)
    .map(
      ([cased, [verb = '', ...rest], spaces, end]) =>
        cased(verb) + rest.map((word, i) => (spaces[i] ?? ' ') + word).join('') + end,
    );

const optional = (arbitrary: fc.Arbitrary<string>): fc.Arbitrary<string | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 });

/** `sizes` and body of a publication; `#` in a body stands for the number of the step, so that bodies differ. */
const publication = fc
  .tuple(fc.boolean(), literal, optional(fc.oneof(inbox, literal)), body, headers, verbCase, space)
  .map(([withHeaders, subject, reply, text, head, cased, gap]) => ({
    render(mark: string): string {
      const payload = `${text}${mark}`;
      const block = withHeaders ? `NATS/1.0\r\n${head}\r\n` : '';
      const sizes = withHeaders ? [block.length, block.length + payload.length] : [payload.length];
      const words = [
        cased(withHeaders ? 'HPUB' : 'PUB'),
        subject,
        ...(reply === undefined ? [] : [reply]),
      ];
      return `${[...words, ...sizes.map(String)].join(gap)}\r\n${block}${payload}\r\n`;
    },
  }));

const plain = (arbitrary: fc.Arbitrary<string>): fc.Arbitrary<{ render(mark: string): string }> =>
  arbitrary.map((text) => ({ render: () => text }));

const verb = (name: string): fc.Arbitrary<string> => fc.constant(name);
const operation = fc.oneof(
  { weight: 8, arbitrary: publication },
  { weight: 5, arbitrary: plain(line([verb('SUB'), pattern, sid])) },
  {
    weight: 3,
    arbitrary: plain(
      fc
        .constantFrom('1', '2')
        .chain((g) =>
          line([verb('SUB'), pattern, fc.constant(`g${g}`), fc.constantFrom(`q${g}.a`, `q${g}.b`)]),
        ),
    ),
  },
  {
    weight: 2,
    arbitrary: plain(line([verb('UNSUB'), fc.oneof(sid, fc.constantFrom('q1.a', 'q2.b'))])),
  },
  { weight: 2, arbitrary: plain(line([verb('UNSUB'), sid, fc.constantFrom('1', '2', '3', '0')])) },
  {
    weight: 1,
    arbitrary: plain(fc.constantFrom('PING\r\n', 'PONG\r\n', '+OK\r\n', 'INFO {}\r\n', 'ping\r\n')),
  },
);

/** What a client says of itself, and may say again. */
const connectFields = fc.record(
  {
    verbose: fc.boolean(),
    pedantic: fc.boolean(),
    echo: fc.boolean(),
    headers: fc.constant(true),
    no_responders: fc.boolean(),
  },
  { requiredKeys: [] },
);

/** Bytes changed somewhere. */
const spoilt = fc
  .tuple(
    operation,
    fc.array(
      fc.tuple(
        fc.nat(40),
        fc.constantFrom('delete', 'insert', 'replace', 'cut'),
        fc.constantFrom('\n', ' ', '\t', '0', '9', '-', 'A', '.', '>', '\0', '\xff', 'PING\r\n'),
      ),
      { minLength: 1, maxLength: 3 },
    ),
  )
  .map(([whole, changes]) => {
    let text = whole.render('');
    for (const [where, how, what] of changes) {
      const at = Math.min(where, text.length);
      if (how === 'cut') text = text.slice(0, at);
      else
        text =
          text.slice(0, at) +
          (how === 'delete' ? '' : what) +
          text.slice(at + (how === 'insert' ? 0 : 1));
    }
    // A CR inside a line makes nats-server drop the line's last byte, or not, as its reads fall.
    return text.replace(/\r(?!\n)/g, '');
  });

const wire = fc.nat(3);
const step = (users: readonly string[], again: boolean): fc.Arbitrary<Step> =>
  fc.oneof(
    {
      weight: 20,
      arbitrary: fc
        .tuple(
          wire,
          fc.array(operation, { minLength: 1, maxLength: 3 }),
          fc.array(fc.nat(60), { maxLength: 2 }),
          fc.nat(9999),
        )
        .map(([at, operations, cuts, mark]): Step => ({
          kind: 'send',
          wire: at,
          text: operations.map((each, i) => each.render(`#${mark}.${i}`)).join(''),
          cuts,
        })),
    },
    {
      weight: again ? 1 : 0,
      arbitrary: fc.tuple(wire, connectFields, fc.nat(9)).map(([at, fields, who]): Step => ({
        kind: 'send',
        wire: at,
        text: `CONNECT ${JSON.stringify({ ...fields, ...login(users, who) })}\r\n`,
        cuts: [],
      })),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(wire, spoilt)
        .map(([at, text]): Step => ({ kind: 'spoil', wire: at, text })),
    },
    { weight: 1, arbitrary: wire.map((at): Step => ({ kind: 'close', wire: at })) },
  );

function login(users: readonly string[], who: number): object {
  return users.length === 0 ? {} : { user: users[who % users.length], pass: 'x' };
}

/** @param playground which configuration the sessions are for */
export function randomSessions(playground: number): fc.Arbitrary<RandomSession> {
  const { users = [], again = true } = playgrounds[playground] ?? {};
  return fc.record({
    playground: fc.constant(playground),
    connects: fc.array(fc.record({ user: fc.nat(9), fields: connectFields }), {
      minLength: 1,
      maxLength: 4,
    }),
    steps: fc.array(step(users, again), { minLength: 2, maxLength: 14 }),
  });
}

/** Plays it on one server. */
export async function play(random: RandomSession, session: Session): Promise<void> {
  const users = playgrounds[random.playground]?.users ?? [];
  const wires = [];
  for (const [i, { user, fields }] of random.connects.entries()) {
    const connect = { ...plainConnect, ...fields, ...login(users, user) };
    wires.push(await session.open(`w${i}`, { connect }));
  }
  for (const each of random.steps) {
    const to = wires[each.wire % wires.length];
    if (to === undefined || to.closed) continue;
    if (each.kind === 'close') await session.close(to);
    else if (each.kind === 'spoil') await session.spoil(to, Buffer.from(each.text, 'latin1'));
    else await session.send(to, ...pieces(Buffer.from(each.text, 'latin1'), each.cuts));
  }
}

function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const ends = [...new Set(cuts.filter((at) => at > 0 && at < bytes.length))].sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
}
