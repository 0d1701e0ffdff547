/** A leaf node, from either side: its protocol, what it subscribed to, and what is delivered to it. */
import type { Account } from '../account/account.ts';
import type { Admission } from '../auth/types.ts';
import type { CloseReason } from '../connection/close-reason.ts';
import type { Connection } from '../connection/connection.ts';
import { HeldInput } from '../connection/held-input.ts';
import type { Message } from '../connection/message.ts';
import { Outbound } from '../connection/outbound.ts';
import { PingTimer } from '../connection/ping-timer.ts';
import type { Slab } from '../connection/slab.ts';
import type { Subscription } from '../connection/subscription.ts';
import type { Transport, TransportSink } from '../listen/transport.ts';
import { splitArguments } from '../protocol/arguments.ts';
import { Parser, type ParserMode, type ProtocolSink } from '../protocol/parser.ts';
import { errorLine, PING, PONG, texts } from '../protocol/texts.ts';
import type { OperationVerb, PublicationVerb } from '../protocol/verbs.ts';
import { fromWire } from '../subject/wire.ts';
import type { AccountInterest } from './account-interest.ts';
import type { Handshake } from './handshake.ts';
import { LOOP_PREFIX } from './interest-entry.ts';
import { InterestFeed, type Listener } from './interest-feed.ts';
import type { LeafHost } from './leaf-host.ts';
import { type LeafMessageLine, parseLeafMessage } from './leaf-message.ts';
import type { LeafSubscription } from './leaf-subscription.ts';
import { LeafSubscriptions } from './leaf-subscriptions.ts';
import { LeafTerms, staysHome } from './leaf-terms.ts';
import { writeLeafMessage } from './leaf-writer.ts';

/** CONNECT and INFO before a leaf node has joined; JWTs are in there. Bytes. */
const FIRST_LINE = 65_536;
/** Lines name every queue group that a message is for. */
const LONGEST_LINE = 1_048_576;
/** nats-server's upper bound of max_payload: what the other side allows its clients is not known here. */
const LARGEST_MESSAGE = 67_108_864;
/** A leaf node carries what many clients publish: it may fall behind by so many times max_pending. */
const PENDING_FACTOR = 2;
const FIRST_PING_MS = 1_000;
/** As long as clients wait too. */
const STALL_MS = 5;
/** After a loop, a permission violation or a cluster of the same name. */
export const LONG_DELAY_MS = 30_000;
/** Two that were cut at the same time come back one after the other. */
const LONG_DELAY_JITTER = 0.2;
/** What an LS+ or LS- costs in units of the turn. */
const UNITS_PER_CHANGE = 15;
const DOLLAR = 36;
const NO_QUEUES: readonly string[] = [];

/** Where a connection comes from. */
export interface LeafOrigin {
  /** This router has dialled. */
  readonly solicited: boolean;
  readonly type: 'LEAFNODE' | 'LEAFNODE_WS';
  /** IP address or name; '' for links and pipes. */
  readonly host: string;
  /** For the log: `host:port`, or the key of the peer that a link proved. */
  readonly address: string;
}

/** What the other side says of itself. */
export interface RemoteSide {
  readonly name: string;
  readonly cluster: string;
  readonly account: string;
  readonly headers: boolean;
  /** The other side is the hub: this router is its leaf node. */
  readonly isHub: boolean;
}

export class LeafConnection implements Connection, TransportSink, ProtocolSink, Listener {
  readonly id: number;
  readonly isLeaf = true;
  readonly transport: Transport;
  readonly outbound: Outbound;
  readonly ping: PingTimer;
  readonly startedAt = Date.now();
  readonly facts: LeafOrigin;
  /** Negotiated with whoever offers it. */
  readonly compression = 'off';
  lastActivity = Date.now();
  account: Account | undefined;
  admission: Admission | undefined;
  remote: RemoteSide = { name: '', cluster: '', account: '', headers: false, isHub: false };
  inMessages = 0;
  inBytes = 0;
  outMessages = 0;
  outBytes = 0;
  readonly #host: LeafHost;
  readonly #mode: ParserMode;
  readonly #parser: Parser;
  readonly #input: HeldInput;
  readonly #message: Message;
  readonly #subscriptions: LeafSubscriptions;
  #handshake: Handshake | undefined;
  #terms = new LeafTerms({});
  #interest: AccountInterest | undefined;
  #feed: InterestFeed | undefined;
  #headers = false;
  #closed = false;
  #authenticating = false;
  #waiting = false;
  #announced: LeafMessageLine | undefined;

  constructor(host: LeafHost, transport: Transport, origin: LeafOrigin) {
    const { limits, pool } = host;
    this.#host = host;
    this.transport = transport;
    this.id = host.nextConnectionId();
    this.facts = origin;
    this.#message = host.message;
    this.#mode = {
      leaf: true,
      maxControlLine: origin.solicited ? LONGEST_LINE : FIRST_LINE,
      maxPayload: LARGEST_MESSAGE,
      headers: true,
      pedantic: false,
      traced: false,
      awaitsConnect: !origin.solicited,
    };
    this.#parser = new Parser(this, this.#mode, host.message, pool);
    this.#input = new HeldInput(this.#parser, pool, transport);
    this.outbound = new Outbound(
      transport,
      pool,
      {
        touched: () => host.turn.touched(this),
        congested: () => (host.turn.congested = true),
        overflowed: () => this.#slow('Slow Consumer (Pending Bytes)'),
      },
      limits.maxPending * PENDING_FACTOR,
    );
    this.ping = new PingTimer(this, limits.pingInterval, limits.pingMax);
    this.#subscriptions = new LeafSubscriptions(this, host.turn);
  }

  /** @param first what has been read already */
  start(handshake: Handshake, first?: Slab, length = 0): void {
    this.#handshake = handshake;
    handshake.begin();
    if (first !== undefined) this.read(first, 0, length);
    if (!this.#closed) this.transport.start(this);
  }

  get closed(): boolean {
    return this.#closed;
  }

  get remoteName(): string {
    return this.remote.name;
  }

  get isSpoke(): boolean {
    return this.remote.isHub;
  }

  get cluster(): string {
    return this.remote.cluster;
  }

  get terms(): LeafTerms {
    return this.#terms;
  }

  get backlog(): number {
    return this.outbound.pending;
  }

  get subscriptions(): ReadonlyMap<string, LeafSubscription> {
    return this.#subscriptions.byKey;
  }

  // --- bytes in -----------------------------------------------------------------------------------

  read(slab: Slab, at: number, end: number): void {
    if (this.#closed) return;
    this.ping.active = true;
    this.lastActivity = Date.now();
    this.#input.read(slab, at, end);
  }

  resumeReading(): void {
    this.#waiting = false;
    this.#goOn();
  }

  #goOn(): void {
    if (!this.#authenticating && !this.#waiting && !this.#closed) this.#input.release();
  }

  /** Nothing more is looked at until the promise settles. It must not reject. */
  pauseFor(decision: Promise<void>): void {
    this.#authenticating = true;
    this.#parser.hold();
    decision
      .then(() => {
        this.#authenticating = false;
        this.#goOn();
      })
      .catch((error: unknown) => this.#host.log.error(String(error)));
  }

  // --- operations ---------------------------------------------------------------------------------

  operation(verb: OperationVerb, bytes: Buffer, at: number, end: number): void {
    switch (verb) {
      case 'LS+':
        this.#subscribe(splitArguments(bytes, at, end, true));
        break;
      case 'LS-':
        this.#unsubscribe(splitArguments(bytes, at, end, true));
        break;
      case 'CONNECT':
        this.#handshake?.connect(bytes.subarray(at, end));
        break;
      case 'INFO':
        this.#handshake?.info(bytes.subarray(at, end));
        break;
      case 'PING':
        this.outbound.writeText(PONG);
        break;
      case 'PONG':
        this.ping.pong();
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
    this.#handshake?.beforeConnect();
    return false;
  }

  unknownOperation(): void {
    this.fail(texts.unknownOperation, 'Protocol Violation');
  }

  lineTooLong(): void {
    this.fail(texts.maxControlLine, 'Maximum Control Line Exceeded');
  }

  announce(verb: PublicationVerb, bytes: Buffer, at: number, end: number): number | undefined {
    const line = parseLeafMessage(splitArguments(bytes, at, end, true), verb === 'HMSG');
    if (line === undefined || line.size > LARGEST_MESSAGE || this.account === undefined) {
      this.close('Protocol Violation');
      return undefined;
    }
    this.#announced = line;
    return line.size;
  }

  complete(slab: Slab, at: number): void {
    const line = this.#announced;
    if (line === undefined) return;
    const message = this.#message;
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
    const { account } = this;
    if (account === undefined) {
      this.close('Protocol Violation');
      return;
    }
    const { turn, traffic } = this.#host;
    const { size } = message;
    this.inMessages++;
    this.inBytes += size;
    traffic.inMessages++;
    traffic.inBytes += size;
    if (this.#terms.limitsIncoming && !this.#terms.mayReceive(message.subjectText())) {
      if (this.#host.log.debugging)
        this.#debug(`Not permitted to send "${fromWire(message.subjectText())}"`);
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
    const delivered = account.deliver(message, this, queues);
    this.#spend(turn.units + delivered + 1 + (size >> 9));
  }

  /** Others get their turn when this one has been at work for long. */
  #spend(units: number): void {
    const { turn } = this.#host;
    turn.units = units;
    if (this.#waiting || (!turn.spent && !turn.congested)) return;
    this.#waiting = true;
    this.#parser.hold();
    if (!turn.congested) {
      turn.resumeLater(this);
      return;
    }
    // Gives a receiver who cannot follow some time.
    turn.congested = false;
    setTimeout(() => this.resumeReading(), STALL_MS).unref();
  }

  // --- interest -----------------------------------------------------------------------------------

  #subscribe(tokens: string[]): void {
    const { account } = this;
    if (account === undefined || (tokens.length !== 1 && tokens.length !== 3)) {
      this.close('Protocol Violation');
      return;
    }
    this.#spend(this.#host.turn.units + UNITS_PER_CHANGE);
    const subject = tokens[0] as string;
    if (subject.startsWith(LOOP_PREFIX) && this.#closesLoop(subject)) return;
    if (!this.#terms.mayBeAsked(subject)) {
      this.#violation(subject);
      return;
    }
    const limit = this.admission?.maxSubscriptions ?? this.#host.limits.maxSubscriptions;
    const outcome = this.#subscriptions.add(account, this.#interest, tokens, limit);
    if (outcome === 'limit') this.outbound.writeText(errorLine(texts.maxSubscriptions));
    else if (outcome === 'malformed') {
      this.#log(`Could not insert subscription: malformed subject`);
      this.outbound.writeText(errorLine('Invalid Subscription'));
    }
  }

  #unsubscribe(tokens: string[]): void {
    if (this.account === undefined) {
      this.close('Protocol Violation');
      return;
    }
    this.#spend(this.#host.turn.units + UNITS_PER_CHANGE);
    this.#subscriptions.remove(this.account, tokens.join(' '));
  }

  /** A hub cuts off whoever asks for what it may not have; a leaf node just does not send it. */
  #violation(subject: string): void {
    if (this.isSpoke) return;
    this.#handshake?.postpone(LONG_DELAY_MS);
    this.#log(`Subscription Violation on "${fromWire(subject)}" - Check other side configuration`);
    this.fail(`Permissions Violation for Subscription to "${subject}"`, 'Protocol Violation');
  }

  /**
   * Whether interest in a loop detection subject shows a loop: it is this side's own that has come back, or it
   * comes on two ways. The newest connection is cut, so that what worked before goes on.
   */
  #closesLoop(subject: string): boolean {
    const interest = this.#interest;
    if (subject === interest?.loopSubject) {
      this.loopFound(true);
      return true;
    }
    const other = interest?.leafWith(subject, this);
    if (other === undefined) return false;
    const newest = other.id > this.id ? other : this;
    newest.loopFound(true);
    return this.#closed;
  }

  /** @param tell whether the other side does not know yet */
  loopFound(tell: boolean): void {
    this.#handshake?.postpone(LONG_DELAY_MS * (1 + Math.random() * LONG_DELAY_JITTER));
    const text = `Loop detected for leafnode account="${this.account?.name ?? ''}". Delaying attempt to reconnect for 30s`;
    this.#log(text);
    if (tell) this.fail(text, 'Protocol Violation');
    else this.close('Protocol Violation');
  }

  /** The other side says why it closes, if it does. */
  #error(text: string): void {
    this.#log(`Leafnode Error ${fromWire(text)}`);
    if (text.includes('remote leafnode has same cluster name')) {
      this.#handshake?.postpone(LONG_DELAY_MS);
    } else if (text.includes('Loop detected')) {
      this.loopFound(false);
    } else if (text.includes('Permissions Violation')) {
      this.#handshake?.postpone(LONG_DELAY_MS);
    }
  }

  // --- joining ------------------------------------------------------------------------------------

  /** A CONNECT has been accepted: anything may follow. */
  connectAccepted(): void {
    this.#mode.awaitsConnect = false;
    this.#mode.maxControlLine = LONGEST_LINE;
  }

  useTerms(terms: LeafTerms): void {
    this.#terms = terms;
    this.#feed?.termsChanged();
  }

  /** From now on it sends and gets what its account has. False when the account has no room. */
  join(account: Account): void {
    this.account = account;
    this.#headers = this.remote.headers && this.#host.headersSupported;
    account.connections.add(this);
    const interest = this.#host.joined(this, account);
    this.#interest = interest;
    // First of all: a loop is found before anything can go around in it.
    this.writeLine(`LS+ ${interest.loopSubject}\r\n`);
    this.#feed = new InterestFeed(this, interest, this.#host.turn);
    interest.attach(this.#feed);
    this.ping.start({ first: FIRST_PING_MS, always: this.isSpoke });
  }

  // --- out ----------------------------------------------------------------------------------------

  deliver(
    _subscription: Subscription,
    message: Message,
    from: Connection | undefined,
    queues?: readonly string[],
  ): boolean {
    if (this.#closed || from === this) return false;
    const mayStayHome = message.subject.bytes[message.subjectAt] === DOLLAR;
    if ((mayStayHome || this.#terms.limitsOutgoing) && this.#withholds(message)) return false;
    if (!writeLeafMessage(this.outbound, message, queues, this.#headers)) return false;
    const { traffic } = this.#host;
    this.outMessages++;
    this.outBytes += message.size;
    traffic.outMessages++;
    traffic.outBytes += message.size;
    return true;
  }

  #withholds(message: Message): boolean {
    const subject = message.subjectText();
    return this.#terms.limitsOutgoing ? !this.#terms.maySend(subject) : staysHome(subject);
  }

  writeLine(line: string): void {
    this.outbound.writeText(line);
  }

  sendPing(): void {
    this.outbound.writeText(PING);
  }

  flush(): void {
    this.outbound.flush();
  }

  written(): void {
    this.outbound.written();
    this.#feed?.drained();
  }

  // --- endings ------------------------------------------------------------------------------------

  stale(): void {
    this.fail(texts.stale, 'Stale Connection');
  }

  /** Says why in a line (a wire string), and closes. */
  fail(text: string, reason: CloseReason): void {
    if (this.#closed) return;
    this.outbound.writeText(errorLine(text));
    this.close(reason);
  }

  /** Closes after what was written has gone out. */
  close(reason: CloseReason): void {
    if (this.#closed) return;
    this.outbound.finish();
    this.#end(reason);
    this.transport.end();
  }

  #slow(reason: 'Slow Consumer (Pending Bytes)' | 'Slow Consumer (Write Deadline)'): void {
    if (this.#closed) return;
    this.#host.traffic.slowConsumers++;
    this.#log(`Slow Consumer Detected: ${reason}`);
    this.#end(reason);
    this.transport.destroy();
  }

  /** Looked at now and then: whether the other end has stopped taking anything. */
  checkDeadline(now: number): void {
    const { blockedSince } = this.outbound;
    if (blockedSince > 0 && now - blockedSince > this.#host.limits.writeDeadline) {
      this.#slow('Slow Consumer (Write Deadline)');
    }
  }

  ended(error: Error | undefined): void {
    if (!this.#closed) this.#end(error === undefined ? 'Client Closed' : 'Read Error');
  }

  #end(reason: CloseReason): void {
    this.#closed = true;
    this.#parser.stop();
    this.ping.stop();
    this.#handshake?.end();
    this.outbound.close();
    const { account } = this;
    if (this.#feed !== undefined) this.#interest?.detach(this.#feed);
    if (account !== undefined) {
      this.#subscriptions.clear(account);
      account.connections.delete(this);
    }
    this.#host.closed(this, reason);
  }

  #log(text: string): void {
    this.#host.log.error(this.inLog(text));
  }

  #debug(text: string): void {
    this.#host.log.debug(this.inLog(text));
  }

  /** A line of the log that says which connection it is about. */
  inLog(text: string): string {
    const { address, type } = this.facts;
    return `${address} - lid${type === 'LEAFNODE_WS' ? '_ws' : ''}:${String(this.id)} - ${text}`;
  }
}
