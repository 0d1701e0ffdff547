/** The shape of scripted cases, and the short notation most of them are written in. */
import type { Login, Session } from './session.ts';
import { plainConnect } from './session.ts';
import type { Bytes, Wire } from './wire.ts';

export interface Case {
  readonly name: string;
  readonly run: (session: Session) => Promise<void>;
}

/** Cases that run one after the other on one pair of servers. */
export interface Suite {
  readonly name: string;
  /** nats.conf text. */
  readonly config?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly login?: Login;
  readonly cases: readonly Case[];
}

/**
 * A case as lines `<wire> <operation>`; CRLF is added. A wire opens when it is first named. One in lower case
 * logs in with the plain CONNECT; one in upper case says nothing by itself. `<wire> …` ending in `\` sends
 * no CRLF and waits for nothing: the operation goes on in the wire's next line. `<wire> !close` closes it, `<wire> !wait` waits a little;
 * `<wire> !reply <body>` publishes to the reply subject of the last message.
 */
export function chat(name: string, ...lines: readonly string[]): Case {
  return {
    name,
    async run(session) {
      for (const line of lines) {
        const at = line.indexOf(' ');
        const who = at < 0 ? line : line.slice(0, at);
        const wire = session.wire(who) ?? (await session.open(who, opening(who)));
        if (at >= 0) await say(session, wire, line.slice(at + 1));
      }
    },
  };
}

function opening(who: string): { connect: false } | { connect: object } {
  return who === who.toUpperCase() ? { connect: false } : { connect: {} };
}

async function say(session: Session, wire: Wire, text: string): Promise<void> {
  if (text === '!close') return session.close(wire);
  if (text === '!wait') return session.pause(20);
  if (text.startsWith('!reply')) {
    const body = text.slice('!reply '.length);
    return session.send(wire, `PUB ${wire.last.reply} ${body.length}\r\n${body}\r\n`);
  }
  if (text.endsWith('\\')) return session.push(wire, text.slice(0, -1));
  return session.send(wire, `${text}\r\n`);
}

/** CONNECT with the plain fields and these. */
export function connectLine(fields: object = {}): string {
  return `CONNECT ${JSON.stringify({ ...plainConnect, ...fields })}`;
}

/** `PUB subject [reply] size` and the payload, with its last CRLF missing. */
export function pub(subject: string, body = 'x', reply = ''): string {
  const to = reply === '' ? subject : `${subject} ${reply}`;
  return `PUB ${to} ${Buffer.byteLength(body)}\r\n${body}`;
}

/** `HPUB …`, headers given as `Key: value` lines. */
export function hpub(subject: string, headers: readonly string[], body = 'x', reply = ''): string {
  const head = `NATS/1.0\r\n${headers.map((each) => `${each}\r\n`).join('')}\r\n`;
  const to = reply === '' ? subject : `${subject} ${reply}`;
  const size = Buffer.byteLength(head);
  return `HPUB ${to} ${size} ${size + Buffer.byteLength(body)}\r\n${head}${body}`;
}

/** The operation sent in two pieces, once for every place where it can be cut, and once byte by byte. */
export function cutEverywhere(name: string, before: readonly string[], operation: string): Case {
  return {
    name,
    async run(session) {
      const wire = await session.open('a');
      for (const line of before) await session.send(wire, `${line}\r\n`);
      const bytes = Buffer.from(`${operation}\r\n`);
      for (let at = 1; at < bytes.length; at++) {
        await session.send(wire, bytes.subarray(0, at), bytes.subarray(at));
      }
      const single: Bytes[] = [...bytes].map((byte) => Buffer.from([byte]));
      await session.send(wire, ...single);
    },
  };
}
