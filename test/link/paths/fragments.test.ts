import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  Fragmenter,
  fragmentBytes,
  isFragment,
  MOST_FRAGMENTS,
  Reassembly,
} from '../../../main/link/paths/fragments.ts';

function cut(fragmenter: Fragmenter, packet: Uint8Array, datagramBytes = 1_350): Uint8Array[] {
  const parts: Uint8Array[] = [];
  fragmenter.split(packet, datagramBytes, (part) => parts.push(Uint8Array.from(part)));
  return parts;
}

/** The packets that came together, as they did. */
function join(reassembly: Reassembly, parts: readonly Uint8Array[]): Buffer[] {
  return parts.flatMap((part) => {
    const packet = reassembly.add(part);
    return packet === undefined ? [] : [Buffer.from(packet)];
  });
}

describe('fragments', () => {
  test('a packet comes together from its parts, whatever their order and however often they come', () => {
    const lengths = fc.integer({ min: 1, max: MOST_FRAGMENTS * fragmentBytes(1_200) });
    const sizes = fc.constantFrom(1_200, 1_350);
    fc.assert(
      fc.property(fc.array(lengths, { maxLength: 6 }), sizes, fc.nat(), (all, bytes, seed) => {
        const [fragmenter, reassembly] = [new Fragmenter(), new Reassembly()];
        const packets = all.map((length) => randomBytes(length));
        const parts = packets.flatMap((packet) => cut(fragmenter, packet, bytes));
        expect(parts.every((part) => part.length <= bytes && isFragment(part))).toBe(true);
        const mixed = [...parts, ...parts].toSorted((a, b) => order(a, seed) - order(b, seed));
        const come = join(reassembly, mixed);
        expect(come.map((packet) => packet.toString('hex')).toSorted()).toEqual(
          packets.map((packet) => packet.toString('hex')).toSorted(),
        );
      }),
      { numRuns: 200 },
    );
  });

  test('the loss of a part loses its packet alone', () => {
    const [fragmenter, reassembly] = [new Fragmenter(), new Reassembly()];
    for (let round = 0; round < 1_000; round += 1) {
      const [lost, whole] = [randomBytes(5_000), randomBytes(5_000)];
      const parts = cut(fragmenter, lost);
      parts.splice(round % parts.length, 1);
      expect(join(reassembly, [...parts, ...cut(fragmenter, whole)])).toEqual([whole]);
    }
  });

  test('what is waited for too long gives way, and numbers begin anew', () => {
    const [fragmenter, reassembly] = [new Fragmenter(), new Reassembly()];
    expect(join(reassembly, cut(fragmenter, randomBytes(3_000)).slice(1))).toEqual([]);
    for (let count = 0; count < 70_000; count += 1) {
      const packet = Buffer.alloc(1_500, count & 0xff);
      expect(join(reassembly, cut(fragmenter, packet)).length).toBe(1);
    }
  });

  test('a forged part spoils one packet, whatever its number is', () => {
    for (const forged of [0, 31, 32, 20_000, 40_000, 65_535]) {
      const [fragmenter, reassembly] = [new Fragmenter(), new Reassembly()];
      const packets = Array.from({ length: 200 }, () => randomBytes(4_000));
      const come = packets.flatMap((packet, index) => {
        const parts = cut(fragmenter, packet);
        if (index === 100) parts.splice(1, 0, Uint8Array.of(2, forged >> 8, forged & 0xff, 3, 1));
        return join(reassembly, parts);
      });
      expect(come.length).toBeGreaterThanOrEqual(199);
    }
  });

  test('nothing that anybody sends does harm', () => {
    const reassembly = new Reassembly();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1_500 }), (bytes) => {
        const part = Uint8Array.from([2, ...bytes]);
        expect(reassembly.add(bytes.length > 0 && bytes[0] === 2 ? Uint8Array.of() : bytes)).toBe(
          undefined,
        );
        const packet = reassembly.add(part);
        expect(packet === undefined || packet.length < 8 * 1_350).toBe(true);
      }),
    );
    // Too long, no bytes, more parts than there may be, a part beyond the last one.
    const head = (place: number, length: number): Uint8Array => {
      const part = new Uint8Array(length);
      part.set([2, 0, 1, place]);
      return part;
    };
    for (const bad of [head(0x00, 1_351), head(0x00, 4), head(0x08, 100), head(0x21, 100)]) {
      expect(new Reassembly().add(bad)).toBeUndefined();
    }
    expect(new Reassembly().add(head(0x00, 1_350))?.length).toBe(1_346);
  });
});

/** Any order, the same one for the same seed. */
function order(part: Uint8Array, seed: number): number {
  const [, high = 0, low = 0, place = 0] = part;
  return Math.imul((high << 16) | (low << 8) | place, 2_654_435_761 ^ seed) >>> 0;
}
