/** Monitoring and the system account of a router: everything that watches it, and what it is told by it. */
import type { Unsubscribe } from '../../base/emitter.ts';
import { messageOf } from '../../base/errors.ts';
import type { Account } from '../account/account.ts';
import type { CloseReason } from '../connection/close-reason.ts';
import { Facts } from '../monitor/facts.ts';
import { MonitorServer } from '../monitor/monitor-server.ts';
import type { MonitoredConnection, RouterView } from '../monitor/view.ts';
import type { Controlled } from './server-control.ts';
import { SystemService } from './system-service.ts';

export interface Administered extends RouterView, Controlled {
  readonly local: RouterView['local'] & {
    readonly events: {
      on(name: 'opened', listener: (it: MonitoredConnection) => void): Unsubscribe;
      on(
        name: 'closed',
        listener: (it: MonitoredConnection, reason: CloseReason) => void,
      ): Unsubscribe;
    };
  };
  readonly events: {
    on(
      name: 'connected' | 'refused' | 'leafJoined' | 'leafRefused',
      listener: (it: MonitoredConnection) => void,
    ): Unsubscribe;
    on(
      name: 'closed' | 'leafClosed',
      listener: (it: MonitoredConnection, reason: CloseReason) => void,
    ): Unsubscribe;
    on(name: 'reloaded' | 'lameDuck', listener: () => void): Unsubscribe;
  };
}

export class Administration {
  readonly #router: Administered;
  readonly #facts: Facts;
  readonly #listening: readonly Unsubscribe[];
  #system: SystemService | undefined;
  #systemAccount: Account | undefined;
  #monitor: MonitorServer | undefined;

  constructor(router: Administered) {
    const { events } = router;
    this.#router = router;
    this.#facts = new Facts(router);
    const { statistics } = this.#facts;
    const joined = (it: MonitoredConnection): void => this.#system?.connected(it);
    const refused = (it: MonitoredConnection): void => this.#system?.refused(it);
    // It has left its account; its subscriptions can still be listed.
    const closed = (it: MonitoredConnection, reason: CloseReason): void => {
      statistics.connectionClosed(it, reason);
      this.#system?.closed(it, reason);
    };
    this.#listening = [
      events.on('connected', joined),
      events.on('leafJoined', joined),
      events.on('refused', refused),
      events.on('leafRefused', refused),
      events.on('closed', closed),
      events.on('leafClosed', closed),
      router.local.events.on('opened', joined),
      router.local.events.on('closed', closed),
      events.on('reloaded', () => {
        statistics.configuredAt = Date.now();
        this.#serve();
        this.#renewCertificate();
      }),
      events.on('lameDuck', () => {
        this.#facts.ready = false;
        this.#system?.lameDuck();
      }),
    ];
    this.#serve();
  }

  /** URLs, as in the ports file. */
  get urls(): readonly string[] {
    return this.#monitor?.urls ?? [];
  }

  /** @throws RouterError 'router-listen', 'router-config' */
  async start(): Promise<void> {
    const { options, log } = this.#router;
    if (options.monitor !== undefined) {
      this.#monitor = await MonitorServer.open(options.monitor, options.tls, this.#facts);
      log.info(this.#monitor.announcement);
    }
    this.#facts.ready = true;
  }

  /** The system account may have come. */
  accountsChanged(): void {
    this.#serve();
  }

  /** The router begins to end: said while there are clients to hear it. */
  ending(): void {
    this.#facts.ready = false;
    this.#system?.ending();
  }

  async close(): Promise<void> {
    for (const stop of this.#listening) stop();
    this.#system?.close();
    this.#system = undefined;
    await this.#monitor?.close();
  }

  /** The client listener has looked at the same files just now: what is wrong with them was said then. */
  #renewCertificate(): void {
    const { options, log } = this.#router;
    try {
      this.#monitor?.reload(options.tls);
    } catch (error) {
      log.error(`monitoring keeps its certificate: ${messageOf(error)}`);
    }
  }

  /** The system account may come late, or be another one after a reload. */
  #serve(): void {
    const account = this.#router.systemAccount;
    if (account === this.#systemAccount) return;
    this.#system?.close();
    this.#systemAccount = account;
    this.#system =
      account === undefined
        ? undefined
        : new SystemService(
            this.#facts,
            account,
            this.#router,
            () => this.#router.authenticator.operator?.claims,
          );
  }
}
