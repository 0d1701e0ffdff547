import { expect, test } from 'vitest';
import { IpPacketParser } from '../support/shaper/ip-packets.ts';

function packet(length: number, fill: number): Buffer {
  const bytes = Buffer.alloc(length, fill);
  bytes.writeUInt16BE(length, 2);
  return bytes;
}

test.each([1, 7, 19, 20, 21, 1000, 5000])(
  'ip packets - are cut the same when the bytes come %d at a time',
  (step) => {
    const packets = [packet(20, 1), packet(1500, 2), packet(21, 3), packet(576, 4)];
    const stream = Buffer.concat(packets);
    const parser = new IpPacketParser();
    const out: Buffer[] = [];
    for (let at = 0; at < stream.length; at += step) {
      parser.push(stream.subarray(at, at + step), (one) => out.push(one));
    }
    expect(out).toEqual(packets);
  },
);

test('ip packets - a length that is shorter than a header is refused', () => {
  const parser = new IpPacketParser();
  expect(() => parser.push(Buffer.alloc(40), () => undefined)).toThrow('no IPv4 packet');
});
