/** Changes to bytes and to JSON that parsers are known to trip over. */
import type { Random } from './random.ts';

/** No input grows beyond this. */
const MOST_BYTES = 200_000;

const fragments: readonly string[] = [
  '\r\n',
  '\n',
  '\r',
  ' ',
  '\t',
  '\0',
  '"',
  "'",
  '{',
  '}',
  '[',
  ']',
  '(',
  ')',
  ',',
  ':',
  '=',
  '\\',
  '#',
  '//',
  '$',
  '$X',
  '.',
  '..',
  '>',
  '*',
  '-',
  '-1',
  '0',
  '1',
  '65536',
  '2147483648',
  '4294967296',
  '99999999999999999999',
  '1e309',
  'NaN',
  'PUB ',
  'HPUB ',
  'SUB ',
  'UNSUB ',
  'CONNECT ',
  'PING\r\n',
  'LS+ ',
  'LMSG ',
  'INFO {}',
  'null',
  'true',
  '\ud83d\ude00',
  'include "x"',
  '__proto__',
  'constructor',
  '_R_.',
  '$SYS.',
  '$LDS.',
  '_INBOX.',
];

export function mutateBytes(random: Random, input: Buffer, others: readonly Buffer[]): Buffer {
  let bytes = input;
  const changes = 1 + random.int(random.chance(0.2) ? 20 : 4);
  for (let i = 0; i < changes; i++) bytes = change(random, bytes, others);
  return bytes.subarray(0, MOST_BYTES);
}

function change(random: Random, bytes: Buffer, others: readonly Buffer[]): Buffer {
  const at = random.int(bytes.length + 1);
  const size = random.int(random.chance(0.1) ? bytes.length + 1 : 8);
  const splice = (removed: number, put: Buffer): Buffer =>
    Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + removed)]);
  switch (random.int(9)) {
    case 0:
      return splice(size, Buffer.alloc(0));
    case 1:
      return splice(0, Buffer.from(random.pick(fragments)));
    case 2:
      return splice(1, Buffer.from([random.int(256)]));
    case 3: {
      // A bit.
      const copy = Buffer.from(bytes);
      if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ (1 << random.int(8));
      return copy;
    }
    case 4:
      return splice(0, bytes.subarray(at, at + size));
    case 5:
      return splice(
        0,
        Buffer.alloc(random.int(random.chance(0.05) ? 50_000 : 300), random.int(256)),
      );
    case 6:
      return bytes.subarray(0, at);
    case 7: {
      const other = random.pick(others);
      const from = random.int(other.length + 1);
      return splice(0, other.subarray(from, from + random.int(200)));
    }
    default:
      return Buffer.from(
        bytes
          .toString('latin1')
          .replace(/\d+/g, (digits) =>
            random.chance(0.3)
              ? random.pick(['0', '-1', '7', '4294967296', '1048577', `${digits}0`])
              : digits,
          ),
        'latin1',
      );
  }
}

const strange: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  '',
  'x',
  '>',
  '*',
  'a..b',
  'x'.repeat(5_000),
  [],
  {},
  [[]],
  [null],
  [{}],
  { a: null },
  'AAAA',
  'U'.repeat(56),
  '2026-01-01T00:00:00Z',
  '10.0.0.0/99',
  '{{name()}}',
  '$1.$2',
];

/** JSON with values put elsewhere, left out, or replaced by some of another type. */
export function mutateJson(random: Random, value: unknown, depth = 0): unknown {
  if (depth > 0 && random.chance(0.06)) return random.pick(strange);
  if (Array.isArray(value)) {
    const items = value.map((item) => mutateJson(random, item, depth + 1));
    if (random.chance(0.05)) items.push(...items, random.pick(strange));
    return items.filter(() => !random.chance(0.03));
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
      .filter(() => !random.chance(0.03))
      .map(([key, each]): [string, unknown] => [
        random.chance(0.02) ? random.pick(fragments) : key,
        mutateJson(random, each, depth + 1),
      ]);
    return Object.fromEntries(entries);
  }
  if (typeof value === 'number' && random.chance(0.1))
    return value * random.pick([-1, 0, 1000, 0.5]);
  if (typeof value === 'string' && random.chance(0.1))
    return value.slice(random.int(value.length + 1)) + random.pick(fragments);
  return value;
}
