/** A leaf node, from either side: its protocol, what it subscribed to, and what is delivered to it. */
import type { Account } from '../account/account.ts';
import type { Admission } from '../auth/types.ts';
import type { CloseReason } from '../connection/close-reason.ts';
import type { Connection } from '../connection/connection.ts';
import { Input } from '../connection/input.ts';
import type { Message } from '../connection/message.ts';
import { Outbound } from '../connection/outbound.ts';
import { PingTimer } from '../connection/ping-timer.ts';
import type { Slab } from '../connection/slab.ts';
import type { Subscription } from '../connection/subscription.ts';
import type { Transport, TransportSink } from '../listen/transport.ts';
import { Parser, type ParserMode } from '../protocol/parser.ts';
import { errorLine, PING, texts } from '../protocol/texts.ts';
import type { AccountInterest } from './account-interest.ts';
import type { Handshake } from './handshake.ts';
import { InterestFeed, type Listener } from './interest-feed.ts';
import type { LeafHost } from './leaf-host.ts';
import { LARGEST_LEAF_MESSAGE, LeafProtocol } from './leaf-protocol.ts';
import type { LeafSubscription } from './leaf-subscription.ts';
import { LeafSubscriptions } from './leaf-subscriptions.ts';
import { LeafTerms, staysHome } from './leaf-terms.ts';
import { LeafTrace } from './leaf-trace.ts';
import { writeLeafMessage } from './leaf-writer.ts';

/** CONNECT and INFO before a leaf node has joined; JWTs are in there. Bytes. */
const FIRST_LINE = 65_536;
/** Lines name every queue group that a message is for. */
const LONGEST_LINE = 1_048_576;
/** A leaf node carries what many clients publish: it may fall behind by so many times max_pending. */
const PENDING_FACTOR = 2;
const FIRST_PING_MS = 1_000;
/** After a loop, a permission violation or a cluster of the same name. */
export const LONG_DELAY_MS = 30_000;
/** Two that were cut at the same time come back one after the other. */
const LONG_DELAY_JITTER = 0.2;
const DOLLAR = 36;

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
  /** For monitoring, in nats-server's words; nothing is ever compressed. */
  readonly compression: 'off' | 'not supported';
  /** What its CONNECT says of it; absent when this router has dialled. */
  readonly connect?: { readonly name: string; readonly version: string };
}

const nobody: RemoteSide = {
  name: '',
  cluster: '',
  account: '',
  headers: false,
  isHub: false,
  compression: 'not supported',
};

export class LeafConnection implements Connection, TransportSink, Listener {
  readonly id: number;
  readonly isLeaf = true;
  readonly transport: Transport;
  readonly outbound: Outbound;
  readonly ping: PingTimer;
  readonly startedAt = Date.now();
  readonly facts: LeafOrigin;
  lastActivity = Date.now();
  account: Account | undefined;
  admission: Admission | undefined;
  remote = nobody;
  inMessages = 0;
  inBytes = 0;
  outMessages = 0;
  outBytes = 0;
  readonly #host: LeafHost;
  readonly #mode: ParserMode;
  readonly input: Input;
  readonly #subscriptions: LeafSubscriptions;
  readonly #trace: LeafTrace;
  #handshake: Handshake | undefined;
  #terms = new LeafTerms({});
  #interest: AccountInterest | undefined;
  #feed: InterestFeed | undefined;
  #headers = false;
  #closed = false;

  constructor(host: LeafHost, transport: Transport, origin: LeafOrigin) {
    const { limits, pool } = host;
    this.#host = host;
    this.transport = transport;
    this.id = host.nextConnectionId();
    this.facts = origin;
    this.#trace = new LeafTrace(host, this.inLog(''));
    this.#mode = {
      leaf: true,
      maxControlLine: origin.solicited ? LONGEST_LINE : FIRST_LINE,
      maxPayload: LARGEST_LEAF_MESSAGE,
      headers: true,
      pedantic: false,
      traced: host.log.tracing,
      awaitsConnect: !origin.solicited,
    };
    const parser = new Parser(new LeafProtocol(host, this), this.#mode, host.message, pool);
    this.input = new Input(parser, pool, transport, host.turn);
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

  /** For monitoring. */
  get options(): RemoteSide['connect'] {
    return this.remote.connect;
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

  get table(): LeafSubscriptions {
    return this.#subscriptions;
  }

  get subscriptions(): ReadonlyMap<string, LeafSubscription> {
    return this.#subscriptions.byKey;
  }

  get handshake(): Handshake | undefined {
    return this.#handshake;
  }

  get interest(): AccountInterest | undefined {
    return this.#interest;
  }

  /** Tells the log of each line; undefined when nobody wants that. */
  get trace(): LeafTrace | undefined {
    return this.#mode.traced ? this.#trace : undefined;
  }

  // --- bytes in -----------------------------------------------------------------------------------

  read(slab: Slab, at: number, end: number): void {
    if (this.#closed) return;
    this.ping.active = true;
    this.lastActivity = Date.now();
    this.input.read(slab, at, end);
  }

  /** Nothing more is looked at until the promise settles. It must not reject. */
  pauseFor(decision: Promise<void>): void {
    this.input.hold();
    decision
      .then(() => this.input.goOn())
      .catch((error: unknown) => this.#host.log.error(String(error)));
  }

  // --- loops --------------------------------------------------------------------------------------

  /**
   * Whether interest in a loop detection subject shows a loop: it is this side's own that has come back, or it
   * comes on two ways. The newest connection is cut, so that what worked before goes on.
   */
  closesLoop(subject: string): boolean {
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
    this.postpone();
    const text = `Loop detected for leafnode account="${this.account?.name ?? ''}". Delaying attempt to reconnect for 30s`;
    this.#logError(text);
    if (tell) this.fail(text, 'Protocol Violation');
    else this.close('Protocol Violation');
  }

  /** It is not dialled again at once. */
  postpone(): void {
    this.#handshake?.postpone(LONG_DELAY_MS * (1 + Math.random() * LONG_DELAY_JITTER));
  }

  // --- joining ------------------------------------------------------------------------------------

  /** A CONNECT has been accepted: anything may follow. */
  connectAccepted(): void {
    this.#mode.awaitsConnect = false;
    this.#mode.maxControlLine = LONGEST_LINE;
  }

  /** Takes up limits, and how much the log wants to know. */
  applyLimits(): void {
    this.#mode.traced = this.#host.log.tracing;
    this.outbound.maxPending = this.#host.limits.maxPending * PENDING_FACTOR;
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
    if (message.replyLength > 0 && this.#feed?.complete === false) {
      this.#feed.tellOfReply(message.replyText());
    }
    if (!writeLeafMessage(this.outbound, message, queues, this.#headers)) return false;
    if (this.#mode.traced) this.#trace.delivered(message, queues);
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
    if (this.#mode.traced) this.#trace.went(line);
    this.outbound.writeText(line);
  }

  sendPing(): void {
    this.writeLine(PING);
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
    this.writeLine(errorLine(text));
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
    this.#logError(`Slow Consumer Detected: ${reason}`);
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
    this.input.stop();
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

  #logError(text: string): void {
    this.#host.log.error(this.inLog(text));
  }

  /** A line of the log that says which connection it is about. */
  inLog(text: string): string {
    const { address, type } = this.facts;
    return `${address} - lid${type === 'LEAFNODE_WS' ? '_ws' : ''}:${String(this.id)} - ${text}`;
  }
}
