/** Subjects as tokens, on wire strings. */

/**
 * The tokens of a subject that can be subscribed to, or undefined for a malformed one: an empty token, or
 * anything after `>`. A `*` or `>` within a longer token is an ordinary character.
 */
export function subscriptionTokens(subject: string): string[] | undefined {
  const tokens = subject.split('.');
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    if (token === '' || (token === '>' && i !== tokens.length - 1)) return undefined;
  }
  return tokens;
}

/** Whether a token of the subject is `*` or `>`. */
export function hasWildcard(subject: string): boolean {
  for (let i = 0; i < subject.length; i++) {
    const char = subject.charCodeAt(i);
    if (char !== STAR && char !== REST) continue;
    const startsToken = i === 0 || subject.charCodeAt(i - 1) === DOT;
    if (startsToken && (i + 1 === subject.length || subject.charCodeAt(i + 1) === DOT)) return true;
  }
  return false;
}

const DOT = 46;
const STAR = 42;
const REST = 62;
