/**
 * Wire strings: one character per byte (latin1 of the UTF-8 bytes), so that subjects need no decoding on the
 * way through and compare as their bytes do.
 */

/** An ordinary string as a wire string. */
export function toWire(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

/** What people see of a wire string. */
export function fromWire(wire: string): string {
  return isAscii(wire) ? wire : Buffer.from(wire, 'latin1').toString('utf8');
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
