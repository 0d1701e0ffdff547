/** Names of certificates (RFC 4514) and how nats-server compares them with user names. */

/** One relative name: its attributes, `CN=a+OU=b` has two. */
type RelativeName = readonly Attribute[];

interface Attribute {
  /** Upper case. */
  readonly type: string;
  readonly value: string;
}

/** The last one first, as in the text. */
export type DistinguishedName = readonly RelativeName[];

const ESCAPABLE = ' "#+,;<=>\\';

/** Undefined for what is no distinguished name. Octets in hexadecimal are UTF-8. */
export function parseDistinguishedName(text: string): DistinguishedName | undefined {
  const names: Attribute[][] = [];
  let current: Attribute[] = [];
  for (const { part, separator } of splitEscaped(text)) {
    const equals = part.indexOf('=');
    const type = part.slice(0, equals).trim();
    if (equals < 1 || type === '') return undefined;
    const value = unescape(part.slice(equals + 1));
    if (value === undefined) return undefined;
    current.push({ type: type.toUpperCase(), value });
    if (separator === '+') continue;
    names.push(current);
    current = [];
  }
  return current.length === 0 ? names : undefined;
}

/** Equal for the same relative names in the same order; attributes within one may stand in any order. */
export function orderedKey(name: DistinguishedName): string {
  return JSON.stringify(name.map(relativeKey));
}

/** Equal for the same relative names in any order. */
export function unorderedKey(name: DistinguishedName): string {
  return JSON.stringify(name.map(relativeKey).toSorted());
}

/** Whether nats-server compares such names: it knows these attributes and no others. */
export function isComparable(name: DistinguishedName): boolean {
  return name.every((relative) =>
    relative.every(({ type }) => type === 'DC' || GO_ORDER.includes(type)),
  );
}

/**
 * How Go writes the subject: attributes in a fixed order, those of one type joined by `+`, types that it does
 * not know left out. User names in older configurations are written that way.
 */
export function goText(name: DistinguishedName): string {
  const forward = name.toReversed().flat();
  return GO_ORDER.map((type) => {
    const values = forward.filter((one) => one.type === type);
    // Only the last common name and serial number of a certificate count.
    const counted = type === 'CN' || type === 'SERIALNUMBER' ? values.slice(-1) : values;
    return counted.map(({ value }) => `${type}=${escapeValue(value)}`).join('+');
  })
    .filter((text) => text !== '')
    .join(',');
}

/** The domain components, `DC=a,DC=b` in the order of the certificate; empty without. */
export function domainComponents(name: DistinguishedName): string {
  return name
    .toReversed()
    .flat()
    .filter(({ type }) => type === 'DC')
    .map(({ value }) => `DC=${value}`)
    .join(',');
}

const GO_ORDER = ['SERIALNUMBER', 'CN', 'POSTALCODE', 'STREET', 'ST', 'L', 'OU', 'O', 'C'];

function relativeKey(relative: RelativeName): string {
  return JSON.stringify(relative.map(({ type, value }) => [type, value]).toSorted());
}

function* splitEscaped(text: string): Generator<{ part: string; separator: string }> {
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? '';
    if (char === '\\') i++;
    else if (char === ',' || char === '+') {
      yield { part: text.slice(start, i), separator: char };
      start = i + 1;
    }
  }
  yield { part: text.slice(start), separator: '' };
}

/** Undefined for a value in BER (`#…`) and for a bad escape. Spaces around the value do not count. */
function unescape(raw: string): string | undefined {
  if (raw.startsWith('#')) return undefined;
  const bytes: number[] = [];
  let kept = 0;
  for (let i = 0; i < raw.length; i++) {
    const char = raw[i] ?? '';
    if (char !== '\\') {
      if (char === ' ' && bytes.length === 0) continue;
      bytes.push(...Buffer.from(char, 'utf8'));
      if (char !== ' ') kept = bytes.length;
      continue;
    }
    const next = raw[i + 1] ?? '';
    if (next !== '' && ESCAPABLE.includes(next)) {
      bytes.push(next.charCodeAt(0));
      i += 1;
    } else {
      const hex = raw.slice(i + 1, i + 3);
      if (!/^[0-9A-Fa-f]{2}$/.test(hex)) return undefined;
      bytes.push(Number.parseInt(hex, 16));
      i += 2;
    }
    kept = bytes.length;
  }
  return Buffer.from(bytes.slice(0, kept)).toString('utf8');
}

function escapeValue(value: string): string {
  return value
    .replace(/[,+"\\<>;]/g, (char) => `\\${char}`)
    .replace(/^[ #]/, (char) => `\\${char}`)
    .replace(/ $/, '\\ ');
}
