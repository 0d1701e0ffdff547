import type { Account } from '../account/account.ts';
import { messageOf } from '../../base/errors.ts';
import { COMPATIBLE_VERSION } from '../defaults.ts';
import { errorLine } from '../protocol/texts.ts';
import type { Handshake } from './handshake.ts';
import { leafConnectLine } from './leaf-connect.ts';
import { type LeafConnection, LONG_DELAY_MS } from './leaf-connection.ts';
import type { LeafHost } from './leaf-host.ts';
import { type LeafInfo, parseLeafInfo } from './leaf-info.ts';
import { denyMore, LeafTerms } from './leaf-terms.ts';
import type { LeafLogin } from './remote-login.ts';

/** For the INFO that answers CONNECT. */
const WELCOME_MS = 2_000;

/** What this side wants of the hub that it dials. */
export interface Solicitation {
  readonly account: Account;
  /** Answers the hub's challenge. */
  login(nonce: string): Promise<LeafLogin>;
  readonly denyImports: readonly string[];
  readonly denyExports: readonly string[];
  /** This side wants to be the hub. */
  readonly hub: boolean;
  /** The other side is known to be what was dialled: it need not look like a leaf listener. */
  readonly proven: boolean;
  /** Ms for the hub's first INFO. */
  readonly infoTimeout: number;
  /** The hub names addresses of its cluster. */
  learned(info: LeafInfo): void;
  postpone(delay: number): void;
}

/** The side that dialled: waits for INFO, says CONNECT, and joins when that is answered. */
export class SolicitHandshake implements Handshake {
  readonly #leaf: LeafConnection;
  readonly #host: LeafHost;
  readonly #wants: Solicitation;
  #timer: NodeJS.Timeout | undefined;
  #state: 'waits for INFO' | 'waits for an answer' | 'joined' = 'waits for INFO';

  constructor(leaf: LeafConnection, host: LeafHost, wants: Solicitation) {
    this.#leaf = leaf;
    this.#host = host;
    this.#wants = wants;
  }

  begin(): void {
    this.#timer = setTimeout(() => this.#leaf.close('Stale Connection'), this.#wants.infoTimeout);
    this.#timer.unref();
  }

  beforeConnect(): void {
    this.#leaf.close('Protocol Violation');
  }

  connect(): void {
    this.#leaf.close('Protocol Violation');
  }

  postpone(delay: number): void {
    this.#wants.postpone(delay);
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  info(argument: Buffer): void {
    const info = parseLeafInfo(argument);
    if (info === undefined) {
      this.#leaf.close('Protocol Violation');
      return;
    }
    if (this.#state === 'waits for INFO') {
      this.#greet(info);
      return;
    }
    this.#wants.learned(info);
    if (info.importable !== undefined || info.exportable !== undefined) this.#useTerms(info);
    if (info.remoteAccount !== '') {
      this.#leaf.remote = { ...this.#leaf.remote, account: info.remoteAccount };
    }
    if (info.connectInfo) this.#join();
  }

  #greet(info: LeafInfo): void {
    const leaf = this.#leaf;
    clearTimeout(this.#timer);
    if (!this.#wants.proven && (info.clientId === 0 || info.leafUrls === undefined)) {
      this.#host.log.error(leaf.inLog('attempted to connect to wrong port'));
      leaf.close('Incorrect Port');
      return;
    }
    leaf.remote = {
      name: info.serverName,
      cluster: info.cluster,
      account: '',
      headers: info.headers,
      isHub: !this.#wants.hub,
      compression: info.compression === '' ? 'not supported' : 'off',
    };
    this.#wants.learned(info);
    this.#useTerms(info);
    this.#state = 'waits for an answer';
    leaf.pauseFor(this.#sayConnect(info));
  }

  async #sayConnect(info: LeafInfo): Promise<void> {
    const leaf = this.#leaf;
    let login: LeafLogin;
    try {
      login = await this.#wants.login(info.nonce);
    } catch (error) {
      this.#host.log.error(leaf.inLog(messageOf(error)));
      leaf.close('Write Error');
      return;
    }
    if (leaf.closed) return;
    const { serverId, serverName, clusterName, headersSupported } = this.#host;
    const { account, denyImports, hub } = this.#wants;
    leaf.writeLine(
      leafConnectLine({
        ...login,
        version: COMPATIBLE_VERSION,
        server_id: serverId,
        name: serverName,
        is_hub: hub || undefined,
        cluster: clusterName || undefined,
        headers: headersSupported && info.headers,
        deny_pub: denyImports.length > 0 ? denyImports : undefined,
        compress_mode: info.compression === '' ? undefined : 'off',
        remote_account: account.name,
      }),
    );
    if (!info.infoOnConnect) {
      this.#join();
      return;
    }
    this.#timer = setTimeout(() => {
      leaf.writeLine(errorLine('Stale Leaf Node Connection - Closing'));
      leaf.close('Stale Connection');
    }, WELCOME_MS);
    this.#timer.unref();
  }

  #useTerms({ importable, exportable }: LeafInfo): void {
    const { denyImports, denyExports } = this.#wants;
    this.#leaf.useTerms(
      new LeafTerms({
        incoming: denyMore(importable, denyImports),
        outgoing: denyMore(exportable, denyExports),
      }),
    );
  }

  #join(): void {
    if (this.#state !== 'waits for an answer') return;
    const leaf = this.#leaf;
    const { account } = this.#wants;
    clearTimeout(this.#timer);
    this.#state = 'joined';
    if (!this.#host.hasRoom(account)) {
      leaf.fail(
        'maximum account active connections exceeded',
        'Maximum Account Connections Exceeded',
      );
      return;
    }
    if (leaf.cluster !== '' && this.#host.hasCluster(account, leaf.cluster)) {
      this.postpone(LONG_DELAY_MS);
      leaf.fail(
        `Loop detected for leafnode account="${account.name}". Delaying attempt to reconnect for 30s`,
        'Protocol Violation',
      );
      return;
    }
    leaf.join(account);
  }
}
