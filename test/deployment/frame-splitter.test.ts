import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameSplitter } from '../../main/deployment/lanes/frame-splitter.ts';

/** Splits `stream` cut into chunks at `cuts`; sids 7 and 8 are routed. */
function split(stream: Buffer, cuts: readonly number[]) {
  const routed: { sid: number; payload: string }[] = [];
  const passed: Buffer[] = [];
  const route = (sid: number) => (payload: Uint8Array) =>
    routed.push({ sid, payload: Buffer.from(payload).toString('latin1') });
  const routes = new Map([7, 8].map((sid) => [sid, route(sid)]));
  const splitter = new FrameSplitter(routes, (bytes) => passed.push(Buffer.from(bytes)));
  const edges = [0, ...[...cuts].sort((a, b) => a - b), stream.length];
  for (const [index, end] of edges.entries()) {
    // A copy, as the socket gives: what the splitter keeps must not be a view of it.
    const chunk = Buffer.from(stream.subarray(edges[index - 1] ?? 0, end));
    splitter.push(chunk);
    chunk.fill(0xff);
  }
  return { routed, passed: Buffer.concat(passed).toString('latin1') };
}

const message = (sid: number, payload: string, reply = ''): string =>
  `MSG a.b ${sid} ${reply}${payload.length}\r\n${payload}\r\n`;

const own = fc
  .record({
    sid: fc.constantFrom(7, 8),
    payload: fc.string({ unit: 'binary-ascii', maxLength: 60 }),
    reply: fc.constantFrom('', 'inbox.1 '),
  })
  .map(({ sid, payload, reply }) => ({
    text: message(sid, payload, reply),
    routed: { sid, payload },
  }));
const others = fc
  .oneof(
    fc.constantFrom('PING\r\n', 'PONG\r\n', '+OK\r\n', "-ERR 'no'\r\n", 'INFO {"a":1}\r\n'),
    fc.string({ unit: 'binary-ascii', maxLength: 60 }).map((payload) => message(9, payload)),
    fc
      .string({ unit: 'binary-ascii', maxLength: 60 })
      .map((payload) => `HMSG a 7 12 ${12 + payload.length}\r\nNATS/1.0\r\n\r\n${payload}\r\n`),
  )
  .map((text) => ({ text, routed: undefined }));

describe('frame splitter', () => {
  it('takes out what is routed and passes all else unchanged, however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(own, others), { maxLength: 12 }),
        fc.array(fc.nat(1000), { maxLength: 20 }),
        (frames, positions) => {
          const stream = Buffer.from(frames.map(({ text }) => text).join(''), 'latin1');
          const cuts = positions.map((position) => Math.min(position, stream.length));
          const { routed, passed } = split(stream, cuts);
          expect(routed).toEqual(frames.flatMap((frame) => frame.routed ?? []));
          const rest = frames.filter((frame) => frame.routed === undefined);
          expect(passed).toBe(rest.map(({ text }) => text).join(''));
        },
      ),
    );
  });

  it('every byte alone gives the same', () => {
    const stream = Buffer.from(`PING\r\n${message(7, 'MSG x 7 1\r\n')}${message(9, 'b')}+OK\r\n`);
    const cuts = Array.from({ length: stream.length }, (_, index) => index);
    const { routed, passed } = split(stream, cuts);
    expect(routed).toEqual([{ sid: 7, payload: 'MSG x 7 1\r\n' }]);
    expect(passed).toBe(`PING\r\n${message(9, 'b')}+OK\r\n`);
  });

  it('a message whose route ends while it arrives is dropped', () => {
    const seen: string[] = [];
    const routes = new Map([
      [7, (payload: Uint8Array) => seen.push(Buffer.from(payload).toString())],
    ]);
    const splitter = new FrameSplitter(routes, (bytes) => seen.push(bytes.toString()));
    splitter.push(Buffer.from('MSG a 7 4\r\nab'));
    routes.delete(7);
    splitter.push(Buffer.from('cd\r\nPING\r\n'));
    expect(seen).toEqual(['PING\r\n']);
  });

  it.each([
    'MSG\r\n',
    'MSG a\r\n',
    'MSG a 7\r\n',
    'MSG a 7 x\r\n',
    'MSG a 7 -1\r\n',
    'MSG a 7 1e3\r\n',
    'MSG a 7 9999999999\r\n',
    'MSG a 7 4\n',
    'msg a 7 4\r\n',
    'MSGa 7 4\r\n',
  ])('passes on what it does not understand: %j', (line) => {
    const { routed, passed } = split(Buffer.from(line), []);
    expect(routed).toEqual([]);
    expect(passed).toBe(line);
  });

  it('an announced length that no datagram has is left to the client', () => {
    const { routed, passed } = split(Buffer.from('MSG a 7 999999999\r\nabc'), [20]);
    expect(routed).toEqual([]);
    expect(passed).toBe('MSG a 7 999999999\r\nabc');
  });

  it('a line without an end is passed on after 64 KiB, and never kept beyond that', () => {
    const line = Buffer.alloc(200_000, 0x41);
    const { passed } = split(line, [1000, 70_000, 150_000]);
    expect(passed.length).toBe(150_000);
  });
});
