/** The arguments of a control line: tokens between runs of spaces and tabs, as wire strings. */

const SP = 32;
const TAB = 9;
const CR = 13;
const LF = 10;

/** Sizes have at most this many digits. */
const LONGEST_SIZE = 9;

/**
 * @param lineEnds whether CR and LF separate tokens too, as they do in SUB and UNSUB
 */
export function splitArguments(bytes: Buffer, at: number, end: number, lineEnds = false): string[] {
  const tokens: string[] = [];
  let start = -1;
  for (let i = at; i <= end; i++) {
    const byte = i === end ? SP : (bytes[i] as number);
    if (byte === SP || byte === TAB || (lineEnds && (byte === CR || byte === LF))) {
      if (start >= 0) tokens.push(bytes.toString('latin1', start, i));
      start = -1;
    } else if (start < 0) {
      start = i;
    }
  }
  return tokens;
}

/** A size in decimal digits, or -1 for anything else. */
export function parseSize(token: string | undefined): number {
  if (token === undefined || token.length === 0 || token.length > LONGEST_SIZE) return -1;
  let size = 0;
  for (let i = 0; i < token.length; i++) {
    const digit = token.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    size = size * 10 + digit;
  }
  return size;
}
