/** The leaf nodes of a router: those that connect to it, and the hubs that it connects to. */
import type { Duplex } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../../base/errors.ts';
import type { Account } from '../account/account.ts';
import type { Admission, TlsIdentity } from '../auth/types.ts';
import type { CloseReason } from '../connection/close-reason.ts';
import type { Hub } from '../connection/hub.ts';
import { COMPATIBLE_VERSION, defaults } from '../defaults.ts';
import { DuplexTransport } from '../listen/duplex-transport.ts';
import type { Transport } from '../listen/transport.ts';
import type { LeafnodeOptions } from '../options.ts';
import { texts } from '../protocol/texts.ts';
import { AcceptHandshake } from './accept-handshake.ts';
import { AccountInterests } from './account-interests.ts';
import type { AccountInterest } from './account-interest.ts';
import { hostAndPort, urlsOf } from '../listen/any-address.ts';
import { advertisedAddress } from './leaf-addresses.ts';
import { LeafConnection, type LeafOrigin } from './leaf-connection.ts';
import type { LeafHost } from './leaf-host.ts';
import type { LeafInfoFields } from './leaf-info.ts';
import { type LeafLinkOptions, solicitationOverLink } from './leaf-link.ts';
import { type LeafDoor, LeafListener } from './leaf-listener.ts';
import { LeafRemote } from './remote.ts';
import { SolicitHandshake } from './solicit-handshake.ts';

/** What leaf nodes need of the router that they belong to. */
export interface LeafRouter extends Pick<
  Hub,
  | 'log'
  | 'limits'
  | 'pool'
  | 'message'
  | 'turn'
  | 'traffic'
  | 'headersSupported'
  | 'authenticatorFor'
  | 'nextConnectionId'
  | 'accountOf'
> {
  readonly id: string;
  readonly name: string;
  /** An account for a remote, by the name in its configuration; undefined while it is not known. */
  localAccount(name: string): Account | undefined | Promise<Account | undefined>;
  /** `host:port` of the WebSocket listener, for leaf nodes that come back. */
  websocketUrls(): readonly string[];
}

export interface LeafEvents {
  joined(leaf: LeafConnection): void;
  refused(leaf: LeafConnection): void;
  /** After it has left its account, if it had joined one. */
  closed(leaf: LeafConnection, reason: CloseReason): void;
}

export class LeafNodes implements LeafHost, LeafDoor {
  /** All that have joined an account, by id. */
  readonly joinedLeaves = new Map<number, LeafConnection>();
  readonly #router: LeafRouter;
  readonly #events: LeafEvents;
  readonly #interests: AccountInterests;
  /** Accepted ones, also those that have not joined yet. */
  readonly #accepted = new Map<LeafConnection, AcceptHandshake>();
  readonly #open = new Set<LeafConnection>();
  /** Told of the end of a connection that this side has made. */
  readonly #onEnd = new Map<LeafConnection, () => void>();
  #options: LeafnodeOptions;
  #listener: LeafListener | undefined;
  #remotes: LeafRemote[] = [];
  #stopped = false;

  constructor(router: LeafRouter, options: LeafnodeOptions | undefined, events: LeafEvents) {
    this.#router = router;
    this.#options = options ?? {};
    this.#events = events;
    this.#interests = new AccountInterests(router.turn);
  }

  /** Opens the port and begins to dial. @throws RouterError 'router-listen', 'router-config' */
  async start(): Promise<void> {
    const { listen, tls, remotes = [] } = this.#options;
    if (listen !== undefined) {
      this.#listener = await LeafListener.open(listen, tls, this, this.log);
    }
    this.#remotes = remotes.map((remote) => this.#remote(remote));
  }

  /** `nats-leaf://host:port` of the listener, as the ports file has it. */
  addresses(): string[] {
    const listener = this.#listener;
    return listener === undefined ? [] : urlsOf('nats-leaf', listener.address, listener.port);
  }

  /** Whether leaf nodes may come in at all. */
  get accepts(): boolean {
    return this.#options.listen !== undefined && !this.#stopped;
  }

  /**
   * Takes up remotes, certificates and logins; what is still as it was stays connected.
   *
   * @throws RouterError 'router-config'
   */
  async reload(options: LeafnodeOptions | undefined): Promise<void> {
    this.#options = options ?? {};
    this.#listener?.reload(this.#options.tls);
    const wanted = [...(this.#options.remotes ?? [])];
    const kept: LeafRemote[] = [];
    const gone: LeafRemote[] = [];
    for (const remote of this.#remotes) {
      const place = wanted.findIndex((one) => isDeepStrictEqual(one, remote.options));
      if (place < 0) gone.push(remote);
      else {
        wanted.splice(place, 1);
        kept.push(remote);
      }
    }
    this.#remotes = [...kept, ...wanted.map((remote) => this.#remote(remote))];
    this.#interests.remapped();
    for (const leaf of this.#open) leaf.applyLimits();
    const rechecks = [...this.#accepted.values()].map((handshake) => handshake.recheck());
    await Promise.all([...rechecks, ...gone.map((remote) => remote.stop())]);
  }

  /**
   * The account has other settings.
   *
   * @param strict its users may be others too, and of too many leaf nodes the newest stay: the account comes
   *        from an operator
   */
  accountChanged(account: Account, strict: boolean): void {
    this.#interests.remapped();
    if (!strict) return;
    const { maxLeafnodes = -1 } = account.options.limits ?? {};
    const leaves = this.#of(account).sort((a, b) => b.id - a.id);
    for (const leaf of maxLeafnodes < 0 ? [] : leaves.slice(maxLeafnodes)) {
      leaf.fail(texts.maxAccountConnections, 'Maximum Account Connections Exceeded');
    }
    for (const leaf of this.#of(account)) {
      const handshake = this.#accepted.get(leaf);
      handshake?.recheck().catch((error: unknown) => this.log.error(messageOf(error)));
    }
  }

  /** The account is there no more. */
  accountEnded(account: Account): void {
    for (const leaf of this.#of(account)) leaf.close('Missing Account');
  }

  #of(account: Account): LeafConnection[] {
    return [...this.joinedLeaves.values()].filter((leaf) => leaf.account === account);
  }

  /** Accepts nobody any more; who is there stays. */
  closeDoor(): void {
    this.#listener?.close();
  }

  /** Ends everything. Idempotent. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#listener?.close();
    const remotes = this.#remotes;
    this.#remotes = [];
    await Promise.all(remotes.map((remote) => remote.stop()));
    for (const leaf of [...this.#open]) leaf.close('Server Shutdown');
  }

  /** Looked at now and then: who takes nothing any more is cut off. */
  checkDeadlines(now: number): void {
    for (const leaf of this.#open) leaf.checkDeadline(now);
  }

  // --- ways in --------------------------------------------------------------------------------------

  /** A leaf node over a stream of which nothing has been read: TCP, TLS, or a WebSocket. */
  accept(
    transport: Transport,
    type: LeafOrigin['type'] = 'LEAFNODE',
    certificate?: TlsIdentity,
  ): ReturnType<LeafDoor['accept']> {
    const { remoteAddress: host, remotePort: port } = transport;
    const leaf = this.#open_(transport, {
      solicited: false,
      type,
      host,
      address: hostAndPort(host, port),
    });
    const handshake = new AcceptHandshake(leaf, this, { type, host });
    handshake.secured(certificate);
    this.#begin(leaf, handshake);
    return {
      secured: (identity) => handshake.secured(identity),
      refuse: () => leaf.fail(texts.throttled, 'TLS Handshake Failure'),
    };
  }

  /**
   * A leaf node, or a hub, at the other end of a stream whose other end is known: nothing is asked for, the
   * account and what may pass are the caller's decision. It is not made again when it ends.
   *
   * @returns the connection, and the promise of its end
   */
  link(stream: Duplex, options: LeafLinkOptions): { leaf: LeafConnection; ended: Promise<void> } {
    const leaf = this.#open_(new DuplexTransport(stream), {
      solicited: options.role === 'solicit',
      type: 'LEAFNODE',
      host: '',
      address: options.peer,
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onEnd.set(leaf, resolve);
    if (options.role === 'accept') {
      const { account, permissions, maxSubscriptions } = options;
      const known: Admission = {
        ok: true,
        account,
        user: options.peer,
        ...(permissions && { permissions }),
        ...(maxSubscriptions !== undefined && { maxSubscriptions }),
      };
      const facts = { type: 'LEAFNODE', host: '', peerKey: options.peer } as const;
      this.#begin(leaf, new AcceptHandshake(leaf, this, facts, known));
    } else {
      const account = this.accountOf({ ok: true, account: options.account, user: options.peer });
      if (account === undefined) leaf.close('Missing Account');
      else leaf.start(new SolicitHandshake(leaf, this, solicitationOverLink(account, options)));
    }
    return { leaf, ended: promise };
  }

  #open_(transport: Transport, origin: LeafOrigin): LeafConnection {
    const leaf = new LeafConnection(this, transport, origin);
    this.#open.add(leaf);
    this.log.info(leaf.inLog('Leafnode connection created'));
    return leaf;
  }

  #begin(leaf: LeafConnection, handshake: AcceptHandshake): void {
    this.#accepted.set(leaf, handshake);
    leaf.start(handshake);
    if (this.#stopped) leaf.close('Server Shutdown');
    else if (this.#accepted.size > this.limits.maxConnections) {
      leaf.fail(texts.maxConnections, 'Maximum Connections Exceeded');
    }
  }

  #remote(options: NonNullable<LeafnodeOptions['remotes']>[number]): LeafRemote {
    const { reconnectInterval = defaults.leafReconnect } = this.#options;
    return new LeafRemote(options, {
      host: this,
      reconnectInterval,
      localAccount: (name) => this.#router.localAccount(name),
      opened: (leaf, ended) => {
        this.#open.add(leaf);
        this.#onEnd.set(leaf, ended);
      },
    });
  }

  // --- LeafHost -------------------------------------------------------------------------------------

  get log(): LeafHost['log'] {
    return this.#router.log;
  }

  get limits(): LeafHost['limits'] {
    return this.#router.limits;
  }

  get pool(): LeafHost['pool'] {
    return this.#router.pool;
  }

  get message(): LeafHost['message'] {
    return this.#router.message;
  }

  get turn(): LeafHost['turn'] {
    return this.#router.turn;
  }

  get traffic(): LeafHost['traffic'] {
    return this.#router.traffic;
  }

  get headersSupported(): boolean {
    return this.#router.headersSupported;
  }

  get serverId(): string {
    return this.#router.id;
  }

  get serverName(): string {
    return this.#router.name;
  }

  /** A server that dials is a cluster of its own, as in nats-server. */
  get clusterName(): string {
    const { name } = this.#router;
    return (this.#options.remotes ?? []).length > 0 && !/\s/.test(name) ? name : '';
  }

  get authTimeout(): number {
    const { authorization, tls } = this.#options;
    const own = authorization?.timeout ?? defaults.authTimeout;
    return tls === undefined ? own : own + (tls.timeout ?? defaults.tlsTimeout);
  }

  get minVersion(): string | undefined {
    return this.#options.minVersion;
  }

  authenticatorFor(type: LeafOrigin['type']): ReturnType<Hub['authenticatorFor']> {
    return this.#router.authenticatorFor(type);
  }

  nextConnectionId(): number {
    return this.#router.nextConnectionId();
  }

  accountOf(admission: Admission): Account | undefined {
    return this.#router.accountOf(admission);
  }

  infoFields(): Omit<LeafInfoFields, 'client_id' | 'nonce'> {
    const { listen, tls } = this.#options;
    const port = this.#listener?.port ?? 0;
    const address = listen === undefined ? { host: '', port } : advertisedAddress(listen, port);
    const ip = port === 0 ? '' : hostAndPort(address.host, address.port);
    const websocketUrls = this.#router.websocketUrls();
    return {
      server_id: this.#router.id,
      server_name: this.#router.name,
      version: COMPATIBLE_VERSION,
      proto: 1,
      go: `node${process.versions.node}`,
      ...address,
      headers: this.headersSupported,
      auth_required: true,
      tls_required: tls === undefined ? undefined : true,
      tls_verify: tls?.verify === true || tls?.verifyAndMap === true || undefined,
      max_payload: this.limits.maxPayload,
      ip,
      cluster: this.clusterName || undefined,
      info_on_connect: true,
      leafnode_urls: ip === '' ? [] : [ip],
      ws_connect_urls: websocketUrls.length > 0 ? websocketUrls : undefined,
      compression: 'off',
    };
  }

  hasRoom(account: Account): boolean {
    return account.hasRoom(true);
  }

  hasCluster(account: Account, cluster: string): boolean {
    for (const leaf of this.joinedLeaves.values()) {
      if (leaf.account === account && !leaf.isSpoke && leaf.cluster === cluster) return true;
    }
    return false;
  }

  joined(leaf: LeafConnection, account: Account): AccountInterest {
    if (!leaf.facts.solicited) this.#replace(leaf);
    this.joinedLeaves.set(leaf.id, leaf);
    const interest = this.#interests.take(account);
    this.#events.joined(leaf);
    return interest;
  }

  refused(leaf: LeafConnection): void {
    this.#events.refused(leaf);
  }

  closed(leaf: LeafConnection, reason: CloseReason): void {
    this.#open.delete(leaf);
    this.#accepted.delete(leaf);
    const { account } = leaf;
    if (this.joinedLeaves.delete(leaf.id) && account !== undefined) this.#interests.give(account);
    const where = account === undefined ? '' : ` - Account: ${account.name}`;
    this.log.info(leaf.inLog(`Leafnode connection closed: ${reason}${where}`));
    this.#events.closed(leaf, reason);
    this.#onEnd.get(leaf)?.();
    this.#onEnd.delete(leaf);
  }

  /** A server that comes again while its old connection seems alive: the new one counts. */
  #replace(leaf: LeafConnection): void {
    const { name, cluster, account: remoteAccount } = leaf.remote;
    if (name === '' || remoteAccount === '') return;
    for (const old of this.joinedLeaves.values()) {
      const same =
        !old.facts.solicited &&
        old.account === leaf.account &&
        old.admission?.user === leaf.admission?.user &&
        old.remote.name === name &&
        old.remote.cluster === cluster &&
        old.remote.account === remoteAccount;
      if (!same) continue;
      this.log.warn(leaf.inLog('Replacing connection from same server'));
      old.fail('Duplicate Remote LeafNode Connection', 'Duplicate Remote LeafNode Connection');
      return;
    }
  }
}
