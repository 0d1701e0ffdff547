import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineDecoder } from '../../main/api/transports/line-decoder.ts';

test('line decoder - lines come out the same however the bytes are split', () => {
  const line = fc
    .string({ unit: 'grapheme', maxLength: 20 })
    .map((text) => text.replaceAll('\n', ''));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(400)), (lines, cuts) => {
      const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
      const decoder = new LineDecoder(1000);
      const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length];
      places.sort((a, b) => a - b);
      const out = places.flatMap((place, i) => [
        ...decoder.push(bytes.subarray(place, places[i + 1] ?? bytes.length)),
      ]);
      expect(out).toEqual(lines.map((text) => Buffer.from(text).toString()));
    }),
  );
});

test('line decoder - a line over the limit is refused before it is whole', () => {
  const decoder = new LineDecoder(10);
  expect([...decoder.push(Buffer.from('0123456789\n01234'))]).toEqual(['0123456789']);
  expect(() => [...decoder.push(Buffer.from('567890'))]).toThrow(
    expect.objectContaining({ code: 'message-too-large' }),
  );
});

test('line decoder - bytes that are no UTF-8 are refused', () => {
  const decoder = new LineDecoder(10);
  expect(() => [...decoder.push(Buffer.from([0xc3, 0x28, 0x0a]))]).toThrow(
    expect.objectContaining({ code: 'bad-message' }),
  );
});
