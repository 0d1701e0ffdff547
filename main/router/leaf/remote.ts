/** One configured remote: keeps a connection to its hub, and makes it again when it ends. */
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, messageOf } from '../../base/errors.ts';
import type { Account } from '../account/account.ts';
import { defaults } from '../defaults.ts';
import type { LeafRemoteOptions } from '../options.ts';
import { dialTcp, type Dialled, type DialOptions } from './dial.ts';
import { LeafConnection } from './leaf-connection.ts';
import type { LeafHost } from './leaf-host.ts';
import type { LeafInfo } from './leaf-info.ts';
import { type LeafLogin, loginByFile, loginBySeed, loginOfUrl } from './remote-login.ts';
import { type RemoteAddress, RemoteUrls } from './remote-urls.ts';
import { SolicitHandshake } from './solicit-handshake.ts';

const INFO_MS = 1_000;

export interface RemoteOwner {
  readonly host: LeafHost;
  /** Ms between attempts. */
  readonly reconnectInterval: number;
  /** The remote's account here; undefined while it is not known. */
  localAccount(name: string): Account | undefined | Promise<Account | undefined>;
  /** @param ended called once, when it has left its account */
  opened(leaf: LeafConnection, ended: () => void): void;
}

export class LeafRemote {
  readonly options: LeafRemoteOptions;
  readonly #owner: RemoteOwner;
  readonly #urls: RemoteUrls;
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  #leaf: LeafConnection | undefined;
  /** In place of the interval, once. */
  #delay = 0;

  /** Begins at once. */
  constructor(options: LeafRemoteOptions, owner: RemoteOwner) {
    this.options = options;
    this.#owner = owner;
    this.#urls = new RemoteUrls(options.urls, options.noRandomize !== true);
    this.#ended = this.#run().catch((error: unknown) => owner.host.log.error(messageOf(error)));
  }

  /** Undefined while there is none. */
  get leaf(): LeafConnection | undefined {
    return this.#leaf;
  }

  /** Ends the connection and every attempt. Idempotent. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#leaf?.close('Server Shutdown');
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted && !this.#urls.empty) {
      const connection = await this.#attempts(signal);
      await connection?.over;
      this.#leaf = undefined;
      const delay = this.#delay || this.#interval();
      this.#delay = 0;
      await this.#wait(delay, signal);
    }
  }

  /** Tries one address after another until a connection is there; answers the promise of its end. */
  async #attempts(signal: AbortSignal): Promise<{ over: Promise<void> } | undefined> {
    for (let attempt = 1; !signal.aborted; attempt++) {
      const account = await this.#account();
      const address = this.#urls.next() as RemoteAddress;
      if (account !== undefined) {
        const opened = await this.#open(address, account, attempt, signal);
        if (opened !== undefined) return opened;
      }
      await this.#wait(this.#interval() * (1 + Math.random()), signal);
    }
    return undefined;
  }

  async #account(): Promise<Account | undefined> {
    const name = this.options.account ?? defaults.globalAccount;
    const { log } = this.#owner.host;
    let why = '';
    try {
      const account = await this.#owner.localAccount(name);
      if (account !== undefined) return account;
    } catch (error) {
      why = `: ${messageOf(error)}`;
    }
    log.error(`Unable to lookup account ${name} for solicited leafnode connection${why}`);
    return undefined;
  }

  async #open(
    address: RemoteAddress,
    account: Account,
    attempt: number,
    signal: AbortSignal,
  ): Promise<{ over: Promise<void> } | undefined> {
    const { host } = this.#owner;
    let dialled: Dialled;
    try {
      dialled = await this.#dial(address, signal);
    } catch (error) {
      if (!signal.aborted) this.#tell(address, attempt, error);
      return undefined;
    }
    if (signal.aborted) {
      dialled.transport.destroy();
      return undefined;
    }
    const leaf = new LeafConnection(host, dialled.transport, {
      solicited: true,
      type: address.websocket ? 'LEAFNODE_WS' : 'LEAFNODE',
      host: address.host,
      address: `${address.host}:${String(address.port)}`,
    });
    host.log.info(leaf.inLog(`Leafnode connection created for account: ${account.name}`));
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#leaf = leaf;
    this.#owner.opened(leaf, resolve);
    leaf.start(this.#handshake(leaf, address, account), dialled.first, dialled.firstLength);
    return { over: promise };
  }

  async #dial(address: RemoteAddress, signal: AbortSignal): Promise<Dialled> {
    const { tls, firstInfoTimeout = INFO_MS, websocket } = this.options;
    const options: DialOptions = {
      tls,
      serverName: this.#urls.serverName,
      infoTimeout: firstInfoTimeout,
      signal,
    };
    if (!address.websocket) return dialTcp(address, options);
    const { dialWebsocket } = await import('./dial-websocket.ts');
    return dialWebsocket(address, options, websocket);
  }

  #handshake(leaf: LeafConnection, address: RemoteAddress, account: Account): SolicitHandshake {
    const { options } = this;
    return new SolicitHandshake(leaf, this.#owner.host, {
      account,
      login: (nonce) => this.#login(address, nonce),
      denyImports: options.denyImports ?? [],
      denyExports: options.denyExports ?? [],
      hub: options.hub ?? false,
      proven: false,
      infoTimeout: options.firstInfoTimeout ?? INFO_MS,
      learned: (info) => this.#learn(info),
      postpone: (delay) => (this.#delay = delay),
    });
  }

  async #login({ url }: RemoteAddress, nonce: string): Promise<LeafLogin> {
    const { credentials, nkey } = this.options;
    const inUrl = loginOfUrl(url) ?? (this.#urls.withLogin && loginOfUrl(this.#urls.withLogin));
    if (credentials !== undefined) return { ...inUrl, ...(await loginByFile(credentials, nonce)) };
    return nkey === undefined ? (inUrl ?? {}) : { ...inUrl, ...loginBySeed(nkey, nonce) };
  }

  #learn({ leafUrls, websocketUrls }: LeafInfo): void {
    const urls = this.#urls.websocket ? websocketUrls : (leafUrls ?? []);
    if (urls.length > 0) this.#urls.learn(urls);
  }

  #interval(): number {
    return this.options.reconnectInterval ?? this.#owner.reconnectInterval;
  }

  #tell({ host, port }: RemoteAddress, attempt: number, error: unknown): void {
    const reason = codeOf(error) === 'ECONNREFUSED' ? 'connection refused' : messageOf(error);
    const text = `Error trying to connect as leafnode to remote server "${host}:${String(port)}" (attempt ${String(attempt)}): ${reason}`;
    const { log } = this.#owner.host;
    if (attempt === 1) log.error(text);
    else if (log.debugging) log.debug(text);
  }

  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    try {
      await sleep(ms, undefined, { signal, ref: false });
    } catch {
      // Stopped meanwhile: the loop sees it.
    }
  }
}
