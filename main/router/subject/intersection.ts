/**
 * The pattern of the subjects that two patterns both match, undefined for none: of `a.*.>` and `*.b.*` it is
 * `a.b.*`. Wire strings.
 */
export function intersection(one: string, other: string): string | undefined {
  const a = one.split('.');
  const b = other.split('.');
  const common: string[] = [];
  for (let i = 0; i < a.length || i < b.length; i++) {
    const left = a[i];
    const right = b[i];
    if (left === undefined || right === undefined) return undefined;
    if (left === '>') return [...common, ...b.slice(i)].join('.');
    if (right === '>') return [...common, ...a.slice(i)].join('.');
    if (left === '*') common.push(right);
    else if (right === '*' || right === left) common.push(left);
    else return undefined;
  }
  return common.join('.');
}
