/** What the lines of a leaf node do. */
import type { Message } from '../connection/message.ts';
import type { Slab } from '../connection/slab.ts';
import { subscriptionLimit } from '../connection/subscription-limit.ts';
import { publicationUnits } from '../connection/turn.ts';
import { splitArguments } from '../protocol/arguments.ts';
import type { ProtocolSink } from '../protocol/parser.ts';
import { errorLine, PONG, texts } from '../protocol/texts.ts';
import type { OperationVerb, PublicationVerb } from '../protocol/verbs.ts';
import { fromWire } from '../subject/wire.ts';
import { LOOP_PREFIX } from './interest-entry.ts';
import type { LeafConnection } from './leaf-connection.ts';
import type { LeafHost } from './leaf-host.ts';
import { type LeafMessageLine, parseLeafMessage } from './leaf-message.ts';

/** nats-server's upper bound of max_payload: what the other side allows its clients is not known here. Bytes. */
export const LARGEST_LEAF_MESSAGE = 67_108_864;
/** Subject and queue of what is subscribed to are kept: no more than this of them, bytes. */
const LONGEST_INTEREST = 16_384;
/** What an LS+ or LS- costs in units of the turn. */
const UNITS_PER_CHANGE = 30;
const NO_QUEUES: readonly string[] = [];

export class LeafProtocol implements ProtocolSink {
  readonly #host: LeafHost;
  readonly #leaf: LeafConnection;
  #announced: LeafMessageLine | undefined;

  constructor(host: LeafHost, leaf: LeafConnection) {
    this.#host = host;
    this.#leaf = leaf;
  }

  operation(verb: OperationVerb, bytes: Buffer, at: number, end: number): void {
    const leaf = this.#leaf;
    leaf.trace?.came(verb, bytes.toString('latin1', at, end));
    switch (verb) {
      case 'LS+':
        if (end - at > LONGEST_INTEREST) this.lineTooLong();
        else this.#subscribe(splitArguments(bytes, at, end, true));
        break;
      case 'LS-':
        this.#unsubscribe(splitArguments(bytes, at, end, true));
        break;
      case 'CONNECT':
        leaf.handshake?.connect(bytes.subarray(at, end));
        break;
      case 'INFO':
        leaf.handshake?.info(bytes.subarray(at, end));
        break;
      case 'PING':
        leaf.writeLine(PONG);
        break;
      case 'PONG':
        leaf.ping.pong();
        break;
      case 'ERR':
        this.#error(bytes.toString('latin1', at, end));
        break;
      case 'OK':
      case 'SUB':
      case 'UNSUB':
        // +OK says nothing, and what clients say is not recognised here.
        break;
    }
  }

  beforeConnect(): boolean {
    this.#leaf.handshake?.beforeConnect();
    return false;
  }

  unknownOperation(): void {
    this.#leaf.fail(texts.unknownOperation, 'Protocol Violation');
  }

  lineTooLong(): void {
    this.#leaf.fail(texts.maxControlLine, 'Maximum Control Line Exceeded');
  }

  announce(verb: PublicationVerb, bytes: Buffer, at: number, end: number): number | undefined {
    const leaf = this.#leaf;
    leaf.trace?.came(verb, bytes.toString('latin1', at, end));
    const line = parseLeafMessage(splitArguments(bytes, at, end, true), verb === 'HMSG');
    if (line === undefined || line.size > LARGEST_LEAF_MESSAGE || leaf.account === undefined) {
      leaf.close('Protocol Violation');
      return undefined;
    }
    this.#announced = line;
    return line.size;
  }

  complete(slab: Slab, at: number): void {
    const line = this.#announced;
    if (line === undefined) return;
    const { message } = this.#host;
    message.setSubject(line.subject);
    message.body = slab;
    message.bodyAt = at;
    message.foreign = undefined;
    message.setLine(line.reply, line.headerSize, line.size);
    this.#publish(message, line.queues);
  }

  publish(message: Message): void {
    this.#publish(message, NO_QUEUES);
  }

  #publish(message: Message, named: readonly string[]): void {
    const leaf = this.#leaf;
    const { account, terms } = leaf;
    if (account === undefined) {
      leaf.close('Protocol Violation');
      return;
    }
    const { traffic } = this.#host;
    const { size } = message;
    leaf.inMessages++;
    leaf.inBytes += size;
    traffic.inMessages++;
    traffic.inBytes += size;
    if (terms.limitsIncoming && !terms.mayReceive(message.subjectText())) {
      this.#notPermitted(message);
      return;
    }
    // Only the groups that the other side chose get it, unless it could not know of them.
    let queues: readonly string[] | undefined = named;
    if (account.mapper !== undefined) {
      const mapped = account.mapper.map(message.subjectText());
      if (mapped !== undefined) {
        message.setSubject(mapped);
        if (named.length === 0) queues = undefined;
      }
    }
    const delivered = account.deliver(message, leaf, queues);
    leaf.input.spend(publicationUnits(delivered, size));
  }

  /** The other side knows what it may send, and does not tell others: so it is not cut off for it. */
  #notPermitted(message: Message): void {
    const { log } = this.#host;
    if (!log.debugging) return;
    log.debug(this.#leaf.inLog(`Not permitted to send "${fromWire(message.subjectText())}"`));
  }

  #subscribe(tokens: string[]): void {
    const leaf = this.#leaf;
    const { account } = leaf;
    if (account === undefined || (tokens.length !== 1 && tokens.length !== 3)) {
      leaf.close('Protocol Violation');
      return;
    }
    leaf.input.spend(UNITS_PER_CHANGE);
    const subject = tokens[0] as string;
    if (subject.startsWith(LOOP_PREFIX) && leaf.closesLoop(subject)) return;
    if (!leaf.terms.mayBeAsked(subject)) {
      this.#violation(subject);
      return;
    }
    const limit = subscriptionLimit(
      this.#host.limits.maxSubscriptions,
      account.options.limits?.maxSubscriptions,
      leaf.admission?.maxSubscriptions,
    );
    const outcome = leaf.table.add(account, leaf.interest, tokens, limit);
    if (outcome === 'limit') leaf.writeLine(errorLine(texts.maxSubscriptions));
    else if (outcome === 'malformed') {
      this.#log('Could not insert subscription: malformed subject');
      leaf.writeLine(errorLine('Invalid Subscription'));
    }
  }

  #unsubscribe(tokens: string[]): void {
    const leaf = this.#leaf;
    if (leaf.account === undefined) {
      leaf.close('Protocol Violation');
      return;
    }
    leaf.input.spend(UNITS_PER_CHANGE);
    leaf.table.remove(leaf.account, tokens.join(' '));
  }

  /** A hub cuts off whoever asks for what it may not have; a leaf node just does not send it. */
  #violation(subject: string): void {
    const leaf = this.#leaf;
    if (leaf.isSpoke) return;
    leaf.postpone();
    this.#log(`Subscription Violation on "${fromWire(subject)}" - Check other side configuration`);
    leaf.fail(`Permissions Violation for Subscription to "${subject}"`, 'Protocol Violation');
  }

  /** The other side says why it closes, if it does. */
  #error(text: string): void {
    const leaf = this.#leaf;
    this.#log(`Leafnode Error ${fromWire(text)}`);
    if (text.includes('Loop detected')) leaf.loopFound(false);
    else if (text.includes('same cluster name') || text.includes('Permissions Violation')) {
      leaf.postpone();
    }
  }

  #log(text: string): void {
    this.#host.log.error(this.#leaf.inLog(text));
  }
}
