/** What the lines of a client do. */
import { parseSize, splitArguments } from '../protocol/arguments.ts';
import type { ProtocolSink } from '../protocol/parser.ts';
import { OK, texts, violations } from '../protocol/texts.ts';
import type { OperationVerb, PublicationVerb } from '../protocol/verbs.ts';
import { hasOnlyFullTokens, isLiteral } from '../subject/match.ts';
import { fromWire } from '../subject/wire.ts';
import type { ClientConnection } from './client-connection.ts';
import type { Hub } from './hub.ts';
import type { Message } from './message.ts';
import type { Slab } from './slab.ts';
import { publicationUnits, UNITS_PER_SUBSCRIPTION } from './turn.ts';

/** Replies that the router makes itself; clients may not. */
const RESERVED_REPLY = '_R_.';
/** As much as the dearest of the common ones costs. */
const UNITS_PER_OPERATION = UNITS_PER_SUBSCRIPTION;
const UNDERSCORE = 95;
const NO_RESPONDERS = 'NATS/1.0 503\r\n\r\n';

/** The line of a publication whose body is still to come. */
interface Announced {
  readonly subject: string;
  readonly reply: string;
  readonly headerSize: number;
  readonly size: number;
}

export class ClientProtocol implements ProtocolSink {
  readonly #hub: Hub;
  readonly #client: ClientConnection;
  #announced: Announced | undefined;

  constructor(hub: Hub, client: ClientConnection) {
    this.#hub = hub;
    this.#client = client;
  }

  operation(verb: OperationVerb, bytes: Buffer, at: number, end: number): void {
    const client = this.#client;
    if (client.mode.traced) client.trace.came(verb, bytes.toString('latin1', at, end));
    client.input.spend(UNITS_PER_OPERATION);
    switch (verb) {
      case 'CONNECT':
        client.login.connect(bytes.subarray(at, end));
        break;
      case 'PING':
        client.pong();
        break;
      case 'PONG':
        client.ping.pong();
        break;
      case 'SUB':
        this.#subscribe(splitArguments(bytes, at, end, true));
        break;
      case 'UNSUB':
        this.#unsubscribe(splitArguments(bytes, at, end, true));
        break;
      case 'ERR':
        this.#hub.log.error(
          `${client.label} - Client Error ${fromWire(bytes.toString('latin1', at, end))}`,
        );
        client.close('Parse Error');
        break;
      case 'INFO':
        // It says nothing, but it has to be one.
        if (!isJsonObject(bytes.toString('utf8', at, end))) client.close('Protocol Violation');
        break;
      case 'OK':
      case 'LS+':
      case 'LS-':
      // +OK says nothing, and the others are none of a client's.
    }
  }

  beforeConnect(): boolean {
    return this.#client.login.withoutConnect();
  }

  unknownOperation(): void {
    this.#client.fail(texts.unknownOperation, 'Protocol Violation');
  }

  lineTooLong(): void {
    this.#client.fail(texts.maxControlLine, 'Maximum Control Line Exceeded');
  }

  announce(verb: PublicationVerb, bytes: Buffer, at: number, end: number): number | undefined {
    const client = this.#client;
    const { mode } = client;
    if (mode.traced) client.trace.came(verb, bytes.toString('latin1', at, end));
    const announced = readAnnouncement(splitArguments(bytes, at, end), verb === 'HPUB');
    if (announced === undefined || (verb === 'HPUB' && !mode.headers)) {
      client.close('Protocol Violation');
      return undefined;
    }
    const { size, subject } = announced;
    if (size > mode.maxPayload) {
      this.#hub.log.error(
        `${client.label} - ${texts.maxPayload}: ${String(size)} vs ${String(mode.maxPayload)}`,
      );
      client.fail(texts.maxPayload, 'Maximum Message Payload Exceeded');
      return undefined;
    }
    if (mode.pedantic && !(isLiteral(subject) && hasOnlyFullTokens(subject))) {
      client.error(texts.invalidPublishSubject);
    }
    this.#announced = announced;
    return size;
  }

  complete(slab: Slab, at: number): void {
    const announced = this.#announced;
    if (announced === undefined) return;
    const { message } = this.#hub;
    message.setSubject(announced.subject);
    message.body = slab;
    message.bodyAt = at;
    message.foreign = undefined;
    message.setLine(announced.reply, announced.headerSize, announced.size);
    if (this.#client.mode.traced) this.#client.trace.payloadCame(message.bodyBytes());
    this.publish(message);
  }

  publish(message: Message): void {
    const client = this.#client;
    const { traffic } = this.#hub;
    const { size, replyLength } = message;
    client.inMessages++;
    client.inBytes += size;
    traffic.inMessages++;
    traffic.inBytes += size;
    if (client.rights.limitsPublish && !this.#mayPublish(message)) return;
    if (replyLength > 3 && this.#isReservedReply(message)) return;
    if (client.verbose) client.say(OK);
    const { account } = client;
    if (account === undefined) return;
    if (account.mapper !== undefined) {
      const mapped = account.mapper.map(message.subjectText());
      if (mapped !== undefined) message.setSubject(mapped);
    }
    const delivered = account.deliver(message, client);
    if (delivered === 0 && replyLength > 0 && client.options.noResponders) {
      this.#tellNoResponders(message);
    }
    client.input.spend(publicationUnits(delivered, size));
  }

  #mayPublish(message: Message): boolean {
    if (this.#client.rights.mayPublish(message)) return true;
    this.#client.violation(violations.publish(message.subjectText()));
    return false;
  }

  #isReservedReply(message: Message): boolean {
    if (message.line.bytes[message.lineAt] !== UNDERSCORE) return false;
    const reply = message.replyText();
    if (!reply.startsWith(RESERVED_REPLY)) return false;
    this.#client.violation(violations.reply(reply));
    return true;
  }

  #tellNoResponders(message: Message): void {
    const client = this.#client;
    if (client.account === undefined) return;
    const reply = message.replyText();
    const subscription = client.subscriptions.find(client.account, reply);
    if (subscription === undefined) return;
    const size = String(NO_RESPONDERS.length);
    client.say(`HMSG ${reply} ${subscription.sid} ${size} ${size}\r\n${NO_RESPONDERS}\r\n`);
  }

  #subscribe(tokens: string[]): void {
    const client = this.#client;
    if (tokens.length !== 2 && tokens.length !== 3) {
      client.close('Protocol Violation');
      return;
    }
    const [subject, queue, sid] =
      tokens.length === 3
        ? (tokens as [string, string, string])
        : [tokens[0] as string, undefined, tokens[1] as string];
    if (!this.#maySubscribe(subject, queue)) return;
    if (client.subscriptions.size >= client.maxSubscriptions) {
      client.error(texts.maxSubscriptions);
      return;
    }
    if (client.account === undefined) return;
    client.lastActivity = Date.now();
    if (!client.subscriptions.add(client.account, subject, queue, sid)) {
      client.error(texts.invalidSubject);
    } else if (client.verbose) {
      client.say(OK);
    }
  }

  #maySubscribe(subject: string, queue: string | undefined): boolean {
    const client = this.#client;
    if (!client.rights.maySubscribe(subject, queue)) {
      client.violation(violations.subscription(subject, queue));
      return false;
    }
    const { maxSubscriptionTokens } = this.#hub.limits;
    if (maxSubscriptionTokens > 0 && subject.split('.').length > maxSubscriptionTokens) {
      client.violation(violations.tokens(subject));
      return false;
    }
    return true;
  }

  #unsubscribe(tokens: string[]): void {
    const client = this.#client;
    if (tokens.length !== 1 && tokens.length !== 2) {
      client.close('Protocol Violation');
      return;
    }
    const max = tokens.length === 2 ? parseSize(tokens[1]) : -1;
    if (client.account !== undefined) {
      client.subscriptions.unsubscribe(client.account, tokens[0] as string, max);
    }
    if (client.verbose) client.say(OK);
  }
}

/** Undefined for a wrong number of arguments and for sizes that are none. */
function readAnnouncement(tokens: readonly string[], withHeaders: boolean): Announced | undefined {
  const sizes = withHeaders ? 2 : 1;
  const size = parseSize(tokens.at(-1));
  const headerSize = withHeaders ? parseSize(tokens.at(-2)) : -1;
  const wrong = tokens.length < 1 + sizes || tokens.length > 2 + sizes;
  if (wrong || size < 0 || (withHeaders && (headerSize < 0 || headerSize > size))) return undefined;
  return {
    subject: tokens[0] as string,
    reply: tokens.length === 2 + sizes ? (tokens[1] as string) : '',
    // Headers of no bytes are none.
    headerSize: headerSize === 0 ? -1 : headerSize,
    size,
  };
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && !Array.isArray(value);
  } catch {
    // That is the answer.
    return false;
  }
}
