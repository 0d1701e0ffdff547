import type { LinkCase } from './link-case.ts';
import type { CaseResult } from './run-case.ts';

/** How a case ended; `NOT YET`: it awaits a feature; `HOLDS NOW`: it does no more, and should not say so. */
type Verdict = 'ok' | 'FAILED' | 'NOT YET' | 'HOLDS NOW';

export interface Judged {
  readonly result: CaseResult;
  readonly verdict: Verdict;
  /** For people; empty when there is nothing to say. */
  readonly why: string;
}

export function judge({ awaits, best, linkSeconds }: LinkCase, result: CaseResult): Judged {
  const { failure = '' } = result;
  if (awaits === undefined) {
    const isLate = linkSeconds !== undefined && (result.linkSeconds ?? 0) > linkSeconds;
    const late = isLate ? `the link took longer than ${linkSeconds} s` : '';
    const why = failure === '' ? late : failure;
    return { result, verdict: why === '' ? 'ok' : 'FAILED', why };
  }
  if (failure === '') return { result, verdict: 'HOLDS NOW', why: 'delete its `awaits`' };
  const today = awaits.today ?? 'none';
  if (result.path !== today && result.path !== best) {
    const why = `without ${awaits.feature} it should reach ${today}: ${failure}`;
    return { result, verdict: 'FAILED', why };
  }
  const why = `awaits ${awaits.feature}, to reach ${best}`;
  return { result, verdict: 'NOT YET', why };
}

const HEADINGS = ['case', 'path', 'link, s', 'best path, s', 'file', 'pause, s', 'verdict'];

/** A table in Markdown. */
export function tableOf(judged: readonly Judged[]): string {
  const rows = judged.map(({ result, verdict, why }) => [
    result.what,
    result.path,
    secondsText(result.linkSeconds),
    secondsText(result.bestSeconds),
    result.isFileRight === undefined ? '-' : result.isFileRight ? 'right' : 'NOT RIGHT',
    secondsText(result.pauseSeconds),
    why === '' ? verdict : `${verdict}: ${why}`,
  ]);
  const lines = [HEADINGS, HEADINGS.map((_, column) => (column > 1 && column < 6 ? '-:' : '-'))];
  return [...lines, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function secondsText(value: number | undefined): string {
  return value === undefined ? '-' : value.toFixed(2);
}
