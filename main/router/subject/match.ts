/**
 * Subjects as wire strings: tokens between dots, `*` for one token, `>` for one or more at the end (NATS
 * ADR-6). A wildcard is a token of its own: `a*` and `>b` are literals. No allocation on any of the ways.
 */

const DOT = 46;
const STAR = 42;
const FULL = 62;

/**
 * Whether a subject that was published matches a subscription's pattern. Wildcards in `literal` are ordinary
 * characters; an empty token matches nothing, not even `>`.
 */
export function matches(pattern: string, literal: string): boolean {
  if (!hasOnlyFullTokens(literal)) return false;
  let at = 0;
  for (let start = 0; start <= pattern.length;) {
    const end = tokenEnd(pattern, start);
    if (at > literal.length) return false;
    if (isWildcard(pattern, start, end, FULL)) return end === pattern.length;
    const stop = tokenEnd(literal, at);
    if (
      !isWildcard(pattern, start, end, STAR) &&
      !sameToken(pattern, start, end, literal, at, stop)
    )
      return false;
    start = end + 1;
    at = stop + 1;
  }
  return at > literal.length;
}

/** Whether every subject that matches `narrow` also matches `wide`; both may have wildcards. */
export function isSubsetOf(narrow: string, wide: string): boolean {
  if (!hasOnlyFullTokens(narrow)) return false;
  let at = 0;
  for (let start = 0; start <= wide.length;) {
    const end = tokenEnd(wide, start);
    if (at > narrow.length) return false;
    if (isWildcard(wide, start, end, FULL)) return end === wide.length;
    const stop = tokenEnd(narrow, at);
    if (isWildcard(narrow, at, stop, FULL)) return false;
    if (!isWildcard(wide, start, end, STAR) && !sameToken(wide, start, end, narrow, at, stop))
      return false;
    start = end + 1;
    at = stop + 1;
  }
  return at > narrow.length;
}

/** Whether somebody may subscribe to it: no empty token, no white space, nothing after `>`. */
export function isValidSubject(subject: string): boolean {
  let start = 0;
  for (let i = 0; i <= subject.length; i++) {
    const code = i === subject.length ? DOT : subject.charCodeAt(i);
    if (code === DOT) {
      if (i === start) return false;
      if (isWildcard(subject, start, i, FULL) && i !== subject.length) return false;
      start = i + 1;
    } else if (code === 32 || code === 9 || code === 10 || code === 12 || code === 13) {
      return false;
    }
  }
  return true;
}

/** Whether no token is a wildcard. */
export function isLiteral(subject: string): boolean {
  for (let i = 0; i < subject.length; i++) {
    const code = subject.charCodeAt(i);
    if (code !== STAR && code !== FULL) continue;
    const starts = i === 0 || subject.charCodeAt(i - 1) === DOT;
    if (starts && (i + 1 === subject.length || subject.charCodeAt(i + 1) === DOT)) return false;
  }
  return true;
}

function tokenEnd(subject: string, start: number): number {
  const dot = subject.indexOf('.', start);
  return dot < 0 ? subject.length : dot;
}

function isWildcard(subject: string, start: number, end: number, code: number): boolean {
  return end - start === 1 && subject.charCodeAt(start) === code;
}

function sameToken(
  a: string,
  start: number,
  end: number,
  b: string,
  at: number,
  stop: number,
): boolean {
  if (end - start !== stop - at) return false;
  for (let i = 0; i < end - start; i++)
    if (a.charCodeAt(start + i) !== b.charCodeAt(at + i)) return false;
  return true;
}

export function hasOnlyFullTokens(subject: string): boolean {
  let last = DOT;
  for (let i = 0; i < subject.length; i++) {
    const code = subject.charCodeAt(i);
    if (code === DOT && last === DOT) return false;
    last = code;
  }
  return last !== DOT;
}
