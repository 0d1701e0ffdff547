/** What a file may write as a subject, and how subjects lie within each other. Ordinary strings. */
import { hasWildcard, subscriptionTokens } from '../subject/tokens.ts';

/** Whether this can be subscribed to: no empty token, no white space, `>` at the end only. */
export function isSubject(text: string): boolean {
  return !/[\t\n\f\r ]/.test(text) && subscriptionTokens(text) !== undefined;
}

export function isLiteralSubject(text: string): boolean {
  return isSubject(text) && !hasWildcard(text);
}

/** Whether `outer` matches all that `inner` does. */
export function isSubset(inner: string, outer: string): boolean {
  const inside = inner.split('.');
  const around = outer.split('.');
  for (const [index, token] of around.entries()) {
    const own = inside[index];
    if (own === undefined) return false;
    if (token === '>') return true;
    if (own === '>' || (own === '*' && token !== '*')) return false;
    if (token !== '*' && own !== token) return false;
  }
  return inside.length === around.length;
}

/** Whether some subject is matched by both. */
export function overlap(one: string, other: string): boolean {
  const first = one.split('.');
  const second = other.split('.');
  for (let index = 0; ; index++) {
    const a = first[index];
    const b = second[index];
    if (a === undefined || b === undefined) return a === b;
    if (a === '>' || b === '>') return true;
    if (a !== '*' && b !== '*' && a !== b) return false;
  }
}
