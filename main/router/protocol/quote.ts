/** Text from outside in a line of our own: quoted so that it stays one line and cannot be taken for more. */

const ESCAPES = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
]);

const PLAIN = /^[ !#-[\]-~]*$/;
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** As Go's `%q` does, on wire strings: printable UTF-8 stays, everything else is escaped. */
export function quote(wire: string): string {
  return PLAIN.test(wire) ? `"${wire}"` : `"${escape(wire)}"`;
}

function escape(wire: string): string {
  let quoted = '';
  for (let at = 0; at < wire.length;) {
    const length = sequenceLength(wire.charCodeAt(at));
    const bytes = Buffer.from(wire.slice(at, at + length), 'latin1');
    const text = bytes.toString('utf8');
    if (length === 0 || bytes.length < length || text.includes('\ufffd')) {
      quoted += `\\x${hex(wire.charCodeAt(at), 2)}`;
      at++;
      continue;
    }
    quoted += PRINTABLE.test(text)
      ? (ESCAPES.get(text) ?? bytes.toString('latin1'))
      : (ESCAPES.get(text) ?? escapeCode(text.codePointAt(0) ?? 0));
    at += length;
  }
  return quoted;
}

/** How many bytes begin with this one in UTF-8 (RFC 3629); 0: none can. */
function sequenceLength(byte: number): number {
  if (byte < 0x80) return 1;
  if (byte >= 0xc2 && byte <= 0xdf) return 2;
  if (byte >= 0xe0 && byte <= 0xef) return 3;
  return byte >= 0xf0 && byte <= 0xf4 ? 4 : 0;
}

function escapeCode(code: number): string {
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
