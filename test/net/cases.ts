import { disturbedCases } from './cases/disturbed.ts';
import { lanCases } from './cases/lan.ts';
import { natCases } from './cases/nat.ts';
import { outsideCases } from './cases/outside.ts';
import type { LinkCase } from './link-case.ts';

/**
 * The cases of docs/link-cases.md, one for each line of its table. One that waits for a feature says so in its
 * `awaits`: delete that, and the case has to end as it says.
 */
export const cases: readonly LinkCase[] = [
  ...lanCases,
  ...natCases,
  ...outsideCases,
  ...disturbedCases,
];
