import { entriesIn, integerIn, type Fields } from './fields.ts';

/** Unix seconds by key. */
export function readRevocations(fields: Fields): ReadonlyMap<string, number> {
  return new Map(
    entriesIn(fields, 'revocations').map(([key, at]) => [
      key,
      integerIn(new Map([['at', at]]), 'at'),
    ]),
  );
}

/** Whether what this key was issued at that time is revoked, by name or with all others. */
export function isRevoked(
  revocations: ReadonlyMap<string, number>,
  key: string,
  issuedAt: number,
): boolean {
  return [key, '*'].some((one) => (revocations.get(one) ?? -Infinity) >= issuedAt);
}
