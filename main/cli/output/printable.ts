/**
 * Characters that steer a terminal or hide text: C0, DEL and C1 controls (ECMA-48), the bidirectional
 * controls (Unicode UAX 9), line and paragraph separators, invisible operators, interlinear marks and tags,
 * and lone surrogates. ZWJ and ZWNJ stay: emoji and several scripts need them and they reorder nothing.
 */
const UNSAFE =
  /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/**
 * Text of unknown origin (names, paths, messages of others) as it may be printed on a terminal: every
 * unsafe character becomes U+FFFD, one for one.
 */
export function printable(text: string): string {
  return text.replace(UNSAFE, '\ufffd');
}

/**
 * A value as one line of JSON that is also safe on a terminal: `JSON.stringify` leaves DEL, C1 and
 * bidirectional characters as they are, here they are escaped, which parses to the same value.
 */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, (character) =>
    [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
