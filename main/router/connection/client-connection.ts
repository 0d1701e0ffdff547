/** A client: its protocol, its permissions, and what is delivered to it. */
import type { Account } from '../account/account.ts';
import type { Permissions } from '../auth/permissions.ts';
import type { Admission, ConnectionFacts, Refusal, TlsIdentity } from '../auth/types.ts';
import { TlsHandshakeError } from '../listen/tls-handshake-error.ts';
import type { Transport, TransportSink } from '../listen/transport.ts';
import type { ConnectOptions } from '../protocol/connect-options.ts';
import { Parser, type ParserMode } from '../protocol/parser.ts';
import { errorLine, OK, PING, PONG, texts, violations } from '../protocol/texts.ts';
import { fromWire } from '../subject/wire.ts';
import type { CloseReason } from './close-reason.ts';
import { ClientLogin, type LoginClient } from './client-login.ts';
import { ClientProtocol } from './client-protocol.ts';
import { ClientRights } from './client-rights.ts';
import { ClientTrace } from './client-trace.ts';
import type { Connection } from './connection.ts';
import type { Hub } from './hub.ts';
import { Input } from './input.ts';
import type { Message } from './message.ts';
import { writeMessage } from './message-writer.ts';
import { Outbound } from './outbound.ts';
import { PingTimer } from './ping-timer.ts';
import type { Slab } from './slab.ts';
import type { Subscription } from './subscription.ts';
import { endWhenFull, subscriptionLimit } from './subscription-limit.ts';
import { SubscriptionTable } from './subscription-table.ts';

export class ClientConnection implements Connection, TransportSink, LoginClient {
  readonly id: number;
  readonly isLeaf = false;
  facts: ConnectionFacts;
  readonly transport: Transport;
  readonly outbound: Outbound;
  readonly subscriptions: SubscriptionTable;
  readonly startedAt = Date.now();
  readonly ping: PingTimer;
  account: Account | undefined;
  admission: Admission | undefined;
  lastActivity = Date.now();
  inMessages = 0;
  inBytes = 0;
  outMessages = 0;
  outBytes = 0;
  readonly #hub: Hub;
  /** What holds for the lines that it sends. */
  readonly mode: ParserMode;
  readonly rights = new ClientRights();
  readonly login: ClientLogin;
  readonly trace: ClientTrace;
  /** Of its user, its account and the router, the smallest; Infinity: no limit. */
  maxSubscriptions: number;
  /** Every line is answered. */
  verbose = true;
  readonly input: Input;
  #echo = true;
  #headers = false;
  /** Messages that were delivered when it was flushed last. */
  #flushed = 0;
  #closed = false;
  #firstPongSent = false;

  constructor(hub: Hub, transport: Transport, facts: ConnectionFacts) {
    this.#hub = hub;
    this.transport = transport;
    this.facts = facts;
    this.id = hub.nextConnectionId();
    const { limits } = hub;
    this.maxSubscriptions = subscriptionLimit(limits.maxSubscriptions);
    this.mode = {
      leaf: false,
      maxControlLine: limits.maxControlLine,
      maxPayload: limits.maxPayload,
      headers: false,
      pedantic: true,
      traced: hub.log.tracing,
      // A contact is never taken for somebody else, not even for its first line.
      awaitsConnect: facts.peerKey !== undefined || hub.authenticatorFor(facts.type).required,
    };
    const parser = new Parser(new ClientProtocol(hub, this), this.mode, hub.message, hub.pool);
    this.input = new Input(parser, hub.pool, transport, hub.turn);
    this.login = new ClientLogin(hub, this);
    this.trace = new ClientTrace(hub, this.id, transport.remoteAddress, transport.remotePort);
    this.outbound = new Outbound(
      transport,
      hub.pool,
      {
        touched: () => hub.turn.touched(this),
        congested: () => (hub.turn.congested = true),
        overflowed: () => this.#slow('Slow Consumer (Pending Bytes)'),
      },
      limits.maxPending,
    );
    this.ping = new PingTimer(this, limits.pingInterval, limits.pingMax);
    this.subscriptions = new SubscriptionTable(this);
  }

  /** Greets, and begins to read. */
  start(authTimeout: number): void {
    if (this.mode.awaitsConnect) {
      this.login.expectWithin(authTimeout);
    } else {
      this.account = this.#hub.globalAccount;
      this.account.connections.add(this);
    }
    this.say(this.#hub.infoLine(this));
    // The first PING comes soon after CONNECT: a client that takes its time till then waits for PONG alone.
    this.ping.start({ first: Infinity, always: false });
    this.transport.start(this);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** How the log names it. */
  get label(): string {
    return this.trace.label;
  }

  /** TLS has shown who the client is. */
  identified(certificate: TlsIdentity): void {
    this.facts = { ...this.facts, certificate };
  }

  /** Messages in both directions, so far. */
  get activity(): number {
    return this.inMessages + this.outMessages;
  }

  /** Bytes that wait to be sent. */
  get pending(): number {
    return this.outbound.pending;
  }

  /** Whether CONNECT has come and been accepted, and the client can take INFO at any time. */
  get takesInfo(): boolean {
    return this.#firstPongSent && this.options.protocol >= 1;
  }

  /** Bytes that a message of it may have. */
  get maxPayload(): number {
    return this.mode.maxPayload;
  }

  /** What CONNECT asked for. */
  get options(): ConnectOptions {
    return this.login.options;
  }

  get permissions(): Permissions | undefined {
    return this.rights.permissions;
  }

  // --- bytes in -----------------------------------------------------------------------------------

  read(slab: Slab, at: number, end: number): void {
    if (this.#closed) return;
    this.ping.active = true;
    const before = this.inMessages;
    this.input.read(slab, at, end);
    if (this.inMessages !== before) this.lastActivity = Date.now();
  }

  // --- messages out -------------------------------------------------------------------------------

  deliver(subscription: Subscription, message: Message, from: Connection | undefined): boolean {
    if (from === this && !this.#echo) return false;
    const rights = this.rights;
    if (rights.filtersDelivery && rights.withholds(message)) return false;
    const { max } = subscription;
    if (max > 0 && !this.#count(subscription, max)) return false;
    subscription.delivered++;
    if (this.#closed || !writeMessage(this.outbound, subscription, message, this.#headers))
      return false;
    if (this.mode.traced) this.trace.delivered(subscription, message, this.#headers);
    const { traffic } = this.#hub;
    this.outMessages++;
    this.outBytes += message.size;
    traffic.outMessages++;
    traffic.outBytes += message.size;
    if (rights.replies !== undefined && message.replyLength > 0) rights.rememberReply(message);
    return true;
  }

  /** For a subscription with a maximum: whether this one may still be delivered. Ends it at the last one. */
  #count(subscription: Subscription, max: number): boolean {
    const { account } = this;
    if (account !== undefined && subscription.delivered + 1 >= max) {
      this.subscriptions.remove(account, subscription);
    }
    return subscription.delivered < max;
  }

  // --- CONNECT ------------------------------------------------------------------------------------

  /** CONNECT has come. */
  connecting(first: boolean): void {
    this.trace.named(this.options);
    if (first) this.ping.estimate(performance.timeOrigin + performance.now() - this.startedAt);
    this.ping.start();
  }

  /**
   * Moves the connection into the account that it has been admitted to. False when it cannot be.
   *
   * @param keep its subscriptions come along, else they end
   */
  admit(admission: Admission, keep = false): boolean {
    const account = this.#hub.accountOf(admission);
    if (account === undefined) {
      this.refuse({
        ok: false,
        text: texts.authorization,
        reason: `no account ${admission.account}`,
      });
      return false;
    }
    if (account !== this.account) {
      if (!account.hasRoom(false)) {
        this.refuse({ ok: false, text: texts.maxAccountConnections, reason: account.name });
        return false;
      }
      this.#moveTo(account, keep);
    }
    this.admission = admission;
    this.mode.awaitsConnect = false;
    this.rights.use(admission.permissions, !keep);
    this.applyLimits();
    if (!keep) endWhenFull(this);
    this.login.admitted(admission);
    return true;
  }

  #moveTo(account: Account, keep: boolean): void {
    const kept = keep ? [...this.subscriptions.values()] : [];
    if (this.account !== undefined) this.subscriptions.clear(this.account);
    this.account?.connections.delete(this);
    this.account = account;
    account.connections.add(this);
    for (const { subject, queue, sid } of kept) {
      this.subscriptions.add(account, subject, queue, sid);
    }
  }

  /** Takes up limits that changed. */
  applyLimits(): void {
    const { limits } = this.#hub;
    const own = this.account?.options.limits;
    const { admission } = this;
    this.mode.traced = this.#hub.log.tracing;
    this.mode.maxControlLine = limits.maxControlLine;
    this.mode.maxPayload = lesser(
      lesser(limits.maxPayload, own?.maxPayload),
      admission?.maxPayload,
    );
    this.maxSubscriptions = subscriptionLimit(
      limits.maxSubscriptions,
      own?.maxSubscriptions,
      admission?.maxSubscriptions,
    );
    this.outbound.maxPending = limits.maxPending;
  }

  /**
   * Asks again whether it may be here, after users or permissions have changed: it stays as what it is now
   * admitted as, without the subscriptions that it may not have any more, or is closed.
   */
  async recheck(): Promise<void> {
    if (this.#closed || this.mode.awaitsConnect) return;
    const admission = await this.login.recheck();
    if (admission !== undefined && this.admit(admission, true)) this.#dropDenied();
  }

  #dropDenied(): void {
    const { account } = this;
    if (account === undefined) return;
    for (const subscription of [...this.subscriptions.values()]) {
      const { subject, queue, sid } = subscription;
      if (this.rights.maySubscribe(subject, queue)) continue;
      this.subscriptions.remove(account, subscription);
      // nats-server does not name the queue here.
      this.violation(`${violations.subscription(subject, undefined)} (sid "${sid}")`);
    }
  }

  applyOptions(options: ConnectOptions): void {
    this.#echo = options.echo;
    this.#headers = this.#hub.headersSupported && options.headers;
    this.verbose = options.verbose;
    this.mode.headers = this.#headers;
    this.mode.pedantic = options.pedantic;
    if (options.protocol < 0 || options.protocol > 1) {
      this.fail(texts.clientProtocol, 'Bad Client Protocol Version');
      return;
    }
    if (options.noResponders && !this.#headers) {
      this.fail(texts.noRespondersNeedHeaders, 'No Responders Requires Headers');
      return;
    }
    this.#hub.connected(this);
    if (this.verbose) this.say(OK);
  }

  refuse(refusal: Refusal): void {
    this.#hub.log.error(`${this.trace.label} - ${refusal.text}: ${refusal.reason}`);
    this.#hub.refused(this);
    this.fail(
      refusal.text,
      refusal.text === texts.maxAccountConnections
        ? 'Maximum Account Connections Exceeded'
        : 'Authentication Failure',
    );
  }

  /** Answers PING. */
  pong(): void {
    this.say(PONG);
    if (!this.login.received || this.#firstPongSent) return;
    this.#firstPongSent = true;
    // Its account or user may send less than INFO has said.
    if (this.takesInfo && this.maxPayload !== this.#hub.limits.maxPayload) this.sendInfo();
  }

  sendPing(): void {
    this.say(PING);
  }

  stale(): void {
    this.fail(texts.stale, 'Stale Connection');
  }

  sendInfo(): void {
    this.say(this.#hub.infoLine(this));
  }

  // --- endings ------------------------------------------------------------------------------------

  flush(): void {
    if (this.outMessages !== this.#flushed) {
      this.#flushed = this.outMessages;
      this.lastActivity = this.#hub.turn.endedAt;
    }
    this.outbound.flush();
  }

  written(): void {
    this.outbound.written();
  }

  say(line: string): void {
    if (this.mode.traced) this.trace.went(line);
    this.outbound.writeText(line);
  }

  /** A line that names what went wrong; the connection stays. */
  error(text: string): void {
    this.say(errorLine(text));
  }

  violation(text: string): void {
    this.error(text);
    this.#hub.log.error(`${this.trace.label} - ${fromWire(text)}`);
  }

  /** Says why in a line, and closes. */
  fail(text: string, reason: CloseReason): void {
    if (this.#closed) return;
    this.error(text);
    this.close(reason);
  }

  #slow(reason: 'Slow Consumer (Pending Bytes)' | 'Slow Consumer (Write Deadline)'): void {
    this.#hub.traffic.slowConsumers++;
    this.#hub.log.info(`${this.trace.label} - Slow Consumer Detected: ${reason}`);
    this.#end(reason);
    this.transport.destroy();
  }

  /** Looked at now and then: whether the other end has stopped taking anything. */
  checkDeadline(now: number): void {
    const { blockedSince } = this.outbound;
    if (blockedSince > 0 && now - blockedSince > this.#hub.limits.writeDeadline) {
      this.#slow('Slow Consumer (Write Deadline)');
    }
  }

  /** Closes after what was written has gone out. */
  close(reason: CloseReason): void {
    if (this.#closed) return;
    this.outbound.finish();
    this.#end(reason);
    this.transport.end(reason);
  }

  #end(reason: CloseReason): void {
    this.#closed = true;
    this.input.stop();
    this.ping.stop();
    this.login.stop();
    this.outbound.close();
    const { account } = this;
    if (account !== undefined) this.subscriptions.leave(account, this.#hub.turn);
    account?.connections.delete(this);
    this.#hub.closed(this, reason);
    this.subscriptions.forget();
  }

  #reasonOf(error: Error | undefined): CloseReason {
    if (error === undefined) return 'Client Closed';
    if (!(error instanceof TlsHandshakeError)) return 'Read Error';
    this.#hub.log.error(`${this.trace.label} - ${error.message}`);
    return 'TLS Handshake Failure';
  }

  ended(error: Error | undefined): void {
    if (!this.#closed) this.#end(this.#reasonOf(error));
    this.#hub.gone(this);
  }
}

function lesser(limit: number, own: number | undefined): number {
  return own === undefined || own < 0 ? limit : Math.min(limit, own);
}
