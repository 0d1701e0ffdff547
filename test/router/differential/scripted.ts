/** Makes a test of every scripted case of some suites: both servers have to give the same transcript. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Suite } from './cases.ts';
import { agreement, startPair, type Pair } from './compare.ts';
import { exceptionOf } from './known.ts';

export function testSuites(suites: readonly Suite[]): void {
  for (const suite of suites) {
    describe(`router beside nats-server: ${suite.name}`, () => {
      let pair: Pair | undefined;
      beforeAll(async () => {
        pair = await startPair(suite);
      });
      afterAll(() => pair?.[Symbol.asyncDispose]());

      const cases = suite.cases.filter(({ name }) => exceptionOf(suite.name, name) === undefined);
      for (const { name, run } of cases) {
        test(name, async () => {
          const { reference, subject } = await agreement(pair as Pair, run, suite.login);
          expect(subject).toBe(reference);
        });
      }
    });
  }
}
