import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compilePermissions } from '../../../main/router/auth/permissions.ts';
import type { PermissionOptions } from '../../../main/router/options.ts';
import { isLiteral, isSubsetOf, isValidSubject } from '../../../main/router/subject/match.ts';
import { startNatsServer } from '../../support/nats-server.ts';
import { login } from './login.ts';

const token = fc.constantFrom('a', 'b', 'c', '*');
const pattern = fc
  .tuple(fc.array(token, { minLength: 1, maxLength: 3 }), fc.constantFrom('', '', '.>'))
  .map(([tokens, end]) => `${tokens.join('.')}${end}`);
const queue = fc.constantFrom('q', 'q.a', 'q.*', 'q.>', '>');
const entry = fc
  .tuple(pattern, fc.option(queue))
  .map(([subject, name]) => (name ? `${subject} ${name}` : subject));
const list = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T[] | undefined> =>
  fc.option(fc.array(of, { minLength: 1, maxLength: 4 }), { nil: undefined });
const subjects = (of: fc.Arbitrary<string>): fc.Arbitrary<{ allow?: string[]; deny?: string[] }> =>
  fc
    .tuple(list(of), list(of))
    .map(([allow, deny]) => ({ ...(allow && { allow }), ...(deny && { deny }) }));
const permissions: fc.Arbitrary<PermissionOptions> = fc.record({
  publish: subjects(pattern),
  subscribe: subjects(entry),
});

const PROBES = fc.sample(pattern, { numRuns: 60, seed: 7 }).concat(['>', '*', 'a', 'b.>', 'c.*']);
const QUEUES = [undefined, 'q', 'q.a', 'q.b', 'q.*', '>'];

/** Where this router refuses a subscription on purpose: `*` in an allow list does not cover `>`. */
function isStricter(subject: string, { subscribe }: PermissionOptions): boolean {
  const allowed = (subscribe?.allow ?? []).map((one) => one.split(' ')[0] ?? '');
  return subject.endsWith('>') && !allowed.some((one) => isSubsetOf(subject, one));
}

test('permissions - random lists judge as nats-server judges', async () => {
  const users = fc.sample(permissions, { numRuns: 40, seed: 3 });
  await using server = await startNatsServer(
    `authorization { users = ${JSON.stringify(users.map((one, i) => ({ user: `u${i}`, password: 'p', permissions: one })))} }`,
  );
  let judged = 0;
  for (const [i, options] of users.entries()) {
    const own = compilePermissions(options);
    const publishes = PROBES.filter(isLiteral);
    const subscriptions = PROBES.filter(
      (subject) => isValidSubject(subject) && !isStricter(subject, options),
    ).flatMap((subject) => QUEUES.map((name) => ({ subject, name })));
    const after = [
      ...publishes.map((subject) => `PUB ${subject} 0\r\n\r\n`),
      ...subscriptions.map(({ subject, name = '' }, sid) => `SUB ${subject} ${name} ${sid}\r\n`),
    ].join('');
    const { lines } = await login(server.port, () => ({
      connect: { verbose: false, user: `u${i}`, pass: 'p' },
      after,
    }));
    const theirs = lines.filter((line) => line.startsWith('-ERR'));
    const ours = [
      ...publishes
        .filter((subject) => !own.mayPublish(subject))
        .map((subject) => `-ERR 'Permissions Violation for Publish to "${subject}"'`),
      ...subscriptions
        .filter(({ subject, name }) => own.maySubscribe(subject, name) === 'denied')
        .map(({ subject, name }) => {
          const using = name === undefined ? '' : ` using queue "${name}"`;
          return `-ERR 'Permissions Violation for Subscription to "${subject}"${using}'`;
        }),
    ];
    expect(ours, JSON.stringify(options)).toEqual(theirs);
    judged += publishes.length + subscriptions.length;
  }
  expect(judged).toBeGreaterThan(5000);
});
