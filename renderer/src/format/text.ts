/**
 * Wraps a name that others chose so that its writing direction cannot reorder the sentence around it
 * (Unicode UAX #9: first strong isolate … pop directional isolate). In markup use `<bdi>` instead.
 */
export function isolate(name: string): string {
  return `\u2068${name}\u2069`;
}

/** `Ann`, `Ann and Bo`, `Ann, Bo and 3 more`. */
export function listNames(names: readonly string[], most = 2): string {
  const shown = names.slice(0, most).map(isolate);
  const more = names.length - shown.length;
  if (more > 0) return `${shown.join(', ')} and ${more} more`;
  if (shown.length < 2) return shown.join('');
  return `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
