import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Message } from '../../../main/router/connection/message.ts';
import { Slab, SlabPool } from '../../../main/router/connection/slab.ts';
import { parseSize, splitArguments } from '../../../main/router/protocol/arguments.ts';
import {
  Parser,
  type ParserMode,
  type ProtocolSink,
} from '../../../main/router/protocol/parser.ts';
import type { OperationVerb, PublicationVerb } from '../../../main/router/protocol/verbs.ts';

/** Writes down what the parser calls, with all publications in one form whichever way they took. */
class Recorder implements ProtocolSink {
  readonly events: string[] = [];
  readonly #message: Message;
  #announced: { subject: string; reply: string; headerSize: number; size: number } | undefined;
  parser: Parser | undefined;

  constructor(message: Message) {
    this.#message = message;
  }

  operation(verb: OperationVerb, bytes: Buffer, at: number, end: number): void {
    this.events.push(`${verb} ${JSON.stringify(bytes.toString('latin1', at, end))}`);
  }

  announce(verb: PublicationVerb, bytes: Buffer, at: number, end: number): number | undefined {
    const tokens = splitArguments(bytes, at, end);
    const headers = verb === 'HPUB' || verb === 'HMSG';
    const size = parseSize(tokens.at(-1));
    const headerSize = headers ? parseSize(tokens.at(-2)) : -1;
    const fixed = headers ? 3 : 2;
    const wrong = tokens.length < fixed || tokens.length > fixed + 1;
    if (wrong || size < 0 || size > 1024 || (headers && (headerSize < 0 || headerSize > size))) {
      this.events.push('bad arguments');
      this.parser?.stop();
      return undefined;
    }
    const reply = tokens.length > fixed ? (tokens[1] as string) : '';
    this.#announced = { subject: tokens[0] as string, reply, headerSize, size };
    return size;
  }

  complete(slab: Slab, at: number): void {
    const announced = this.#announced;
    if (announced === undefined) throw new Error('a body without its line');
    this.#message.setSubject(announced.subject);
    this.#message.body = slab;
    this.#message.bodyAt = at;
    this.#message.foreign = undefined;
    this.#message.setLine(announced.reply, announced.headerSize, announced.size);
    this.publish(this.#message);
  }

  publish(message: Message): void {
    this.events.push(
      `publish ${message.subjectText()} <${message.replyText()}> ${String(message.headerSize)} ` +
        JSON.stringify(Buffer.from(message.bodyBytes()).toString('latin1')),
    );
  }

  unknownOperation(): void {
    this.events.push('unknown operation');
    this.parser?.stop();
  }

  lineTooLong(): void {
    this.events.push('line too long');
    this.parser?.stop();
  }

  beforeConnect(): boolean {
    this.events.push('before CONNECT');
    this.parser?.stop();
    return false;
  }
}

const MODE: ParserMode = {
  leaf: false,
  maxControlLine: 100,
  maxPayload: 1024,
  headers: true,
  pedantic: false,
  traced: false,
  awaitsConnect: false,
};

/** What a stream of bytes means when it comes in these pieces. */
function parse(pieces: readonly Buffer[], mode: Partial<ParserMode> = {}): string[] {
  const message = new Message();
  const recorder = new Recorder(message);
  const parser = new Parser(recorder, { ...MODE, ...mode }, message, new SlabPool());
  recorder.parser = parser;
  for (const piece of pieces) {
    const slab = new Slab(piece.length);
    piece.copy(slab.bytes);
    expect(parser.feed(slab, 0, piece.length)).toBe(piece.length);
  }
  return recorder.events;
}

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');

const cases: readonly (readonly [string, string, readonly string[]])[] = [
  ['a publication', 'PUB a.b 5\r\nhello\r\n', ['publish a.b <> -1 "hello"']],
  ['one with a reply', 'pub a r.1 0\r\n\r\n', ['publish a <r.1> -1 ""']],
  ['one whose reply is a number', 'PUB a 12 1\r\nx\r\n', ['publish a <12> -1 "x"']],
  ['tabs and runs of spaces', 'PUB \t a\t \tr   1\r\nx\r\n', ['publish a <r> -1 "x"']],
  ['a bare LF', 'PUB a 1\nx\r\n', ['publish a <> -1 "x"']],
  ['headers', 'HPUB a 3 5\r\nH\r\nhi\r\n', ['publish a <> 3 "H\\r\\nhi"']],
  ['headers and a reply', 'hpub a 9 3 5\r\nH\r\nhi\r\n', ['publish a <9> 3 "H\\r\\nhi"']],
  ['CR LF in a payload', 'PUB a 4\r\n\r\n\r\n\r\n', ['publish a <> -1 "\\r\\n\\r\\n"']],
  ['a size that is too small', 'PUB a 1\r\nxy\r\n', ['unknown operation']],
  ['no size', 'PUB a\r\n', ['bad arguments']],
  ['a size of ten digits', 'PUB a 1234567890\r\n', ['bad arguments']],
  ['more headers than message', 'HPUB a 6 5\r\n', ['bad arguments']],
  [
    'the same line again, with other payloads',
    'PUB a.b r 2\r\n11\r\nPUB a.b r 2\r\n22\r\nPUB a.b r 2\r\n33\r\n',
    ['publish a.b <r> -1 "11"', 'publish a.b <r> -1 "22"', 'publish a.b <r> -1 "33"'],
  ],
  [
    'lines that are the same but for one byte',
    'PUB ab 1\r\nx\r\nPUB ac 1\r\nx\r\nPUC ac 1\r\nx\r\n',
    ['publish ab <> -1 "x"', 'publish ac <> -1 "x"', 'unknown operation'],
  ],
  [
    'the same line again, with a payload of another size',
    'PUB a 2\r\nxy\r\nPUB a 2\r\nx\r\n',
    ['publish a <> -1 "xy"', 'unknown operation'],
  ],
  ['SUB', 'SUB a q 1\r\nsub b 2\r\n', ['SUB "a q 1"', 'SUB "b 2"']],
  ['PING with anything behind it', 'PINGx y\r\nPONG\r\n', ['PING ""', 'PONG ""']],
  ['CONNECT without a space', 'CONNECT{}\r\n', ['CONNECT "{}"']],
  ['UNSUB without an argument', 'UNSUB\r\n', ['unknown operation']],
  ['no operation', 'MSG a 1 1\r\nx\r\n', ['unknown operation']],
  ['an empty line', '\r\n', ['unknown operation']],
  ['an argument that is too long', `SUB ${'a'.repeat(100)} 1\r\n`, ['line too long']],
  [
    'an argument as long as it may be',
    `SUB ${'a'.repeat(98)} 1\r\n`,
    [`SUB "${'a'.repeat(98)} 1"`],
  ],
];

describe('parser', () => {
  test.each(cases)('reads %s, at every split of its bytes', (_, text, expected) => {
    const bytes = bytesOf(text);
    expect(parse([bytes])).toEqual(expected);
    for (let at = 1; at < bytes.length; at++) {
      expect(parse([bytes.subarray(0, at), bytes.subarray(at)]), `split at ${String(at)}`).toEqual(
        expected,
      );
    }
    expect(parse(Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual(expected);
  });

  test('an unknown operation is refused at its first wrong byte', () => {
    expect(parse([bytesOf('PUX')])).toEqual(['unknown operation']);
    expect(parse([bytesOf('PU')])).toEqual([]);
  });

  test('a line that never ends is refused once it is too long', () => {
    expect(parse([bytesOf(`SUB ${'a'.repeat(60)}`), bytesOf('a'.repeat(60))])).toEqual([
      'line too long',
    ]);
  });

  test('nothing but CONNECT is read while it is awaited', () => {
    expect(parse([bytesOf('PING\r\n')], { awaitsConnect: true })).toEqual(['before CONNECT']);
    expect(parse([bytesOf('connect {}\r\n')], { awaitsConnect: true })).toEqual(['CONNECT "{}"']);
  });

  test('of a leaf node: LMSG and HMSG, and PUB is none', () => {
    const mode = { leaf: true };
    expect(parse([bytesOf('LMSG a 1\r\nx\r\nHMSG a r 1 2\r\nHx\r\n')], mode)).toEqual([
      'publish a <> -1 "x"',
      'publish a <r> 1 "Hx"',
    ]);
    expect(parse([bytesOf('PUB a 1\r\n')], mode)).toEqual(['unknown operation']);
  });

  test('held, it takes nothing until it is released', () => {
    const message = new Message();
    const recorder = new Recorder(message);
    const parser = new Parser(recorder, MODE, message, new SlabPool());
    const slab = new Slab(12);
    slab.bytes.write('PING\r\nPONG\r\n', 'latin1');
    const operation = recorder.operation.bind(recorder);
    recorder.operation = (...operands) => {
      operation(...operands);
      parser.hold();
    };
    expect(parser.feed(slab, 0, 12)).toBe(6);
    expect(recorder.events).toEqual(['PING ""']);
    parser.release();
    expect(parser.feed(slab, 6, 12)).toBe(12);
  });

  const token = fc.stringMatching(/^[a-z.*>0-9]{1,12}$/);
  const payload = fc.stringMatching(/^[a-zA-Z0-9 \r\n]{0,40}$/);
  const gap = fc.constantFrom(' ', '  ', '\t', ' \t ');
  const line = fc.oneof(
    fc
      .tuple(fc.constantFrom('PUB', 'pub'), gap, token, gap, payload)
      .map(
        ([verb, one, subject, two, body]) =>
          `${verb}${one}${subject}${two}${String(body.length)}\r\n${body}\r\n`,
      ),
    fc
      .tuple(token, token, payload)
      .map(
        ([subject, reply, body]) => `PUB ${subject} ${reply} ${String(body.length)}\r\n${body}\r\n`,
      ),
    fc
      .tuple(token, payload, payload)
      .map(
        ([subject, headers, body]) =>
          `HPUB ${subject} ${String(headers.length)} ${String(headers.length + body.length)}\r\n${headers}${body}\r\n`,
      ),
    fc.tuple(token, token).map(([subject, sid]) => `SUB ${subject} ${sid}\r\n`),
    fc.constantFrom('PING\r\n', 'PONG\r\n', 'UNSUB 1 5\r\n', '+OK\r\n', 'XYZ\r\n', 'PUB a\r\n'),
  );

  const size = fc.nat(40);
  const burst = fc
    .tuple(fc.constantFrom('PUB a.b', 'PUB a.b r', 'pub 1 2', 'HPUB a 0'), size, size, fc.nat(6))
    .map(([start, length, last, times]) => {
      const one = `${start} ${String(length)}\r\n${'x'.repeat(length)}\r\n`;
      return one.repeat(times) + `${start} ${String(last)}\r\n${'y'.repeat(last)}\r\n`;
    });

  test('the way that bytes are cut never changes what they mean', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(line, burst), { maxLength: 12 }),
        fc.array(fc.nat(400), { maxLength: 12 }),
        (lines, cuts) => {
          const bytes = bytesOf(lines.join(''));
          const places = [
            ...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length]),
          ];
          places.sort((one, other) => one - other);
          const pieces = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
          expect(parse(pieces)).toEqual(parse([bytes]));
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
