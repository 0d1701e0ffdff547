import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCbor, encodeCbor } from '../../main/base/cbor.ts';

const decodeHex = (hex: string) => decodeCbor(Buffer.from(hex, 'hex'), 1_000);

test('cbor - values survive, and byte strings are copies', () => {
  const source = encodeCbor({ a: [1, 'x', null, true], b: new Uint8Array([1, 2, 3]) });
  const decoded = decodeCbor(source, 100);
  source.fill(0);
  expect(decoded).toEqual({ a: [1, 'x', null, true], b: new Uint8Array([1, 2, 3]) });
});

test('cbor - is the same bytes whatever the order of keys', () => {
  expect(encodeCbor({ b: 1, a: 2 })).toEqual(encodeCbor({ a: 2, b: 1 }));
});

test('cbor - what we never send is refused', () => {
  for (const [hex, what] of [
    ['a2616101616102', 'a key twice'],
    ['9f01ff', 'an indefinite array'],
    ['5f4101ff', 'an indefinite byte string'],
    ['1817', 'a longer form than needed'],
    ['f7', 'undefined'],
    ['f97e00', 'NaN'],
    ['f97c00', 'infinity'],
    ['1b0020000000000000', '2^53'],
    ['c100', 'a tag'],
    ['0101', 'two items'],
    ['', 'nothing'],
    ['8201', 'half an array'],
  ] as const) {
    expect(() => decodeHex(hex), what).toThrow();
  }
  expect(() => decodeCbor(encodeCbor('x'.repeat(100)), 100)).toThrow('more than 100 bytes');
});

test('cbor - random bytes decode or throw, and never grow', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      let decoded: unknown;
      try {
        decoded = decodeCbor(bytes, 200);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
        return;
      }
      expect(encodeCbor(decoded).length).toBeLessThanOrEqual(bytes.length + 8);
    }),
  );
});
