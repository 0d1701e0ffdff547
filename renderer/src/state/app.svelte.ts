/** Puts the controllers together and feeds them from the one connection. */
import { createContext } from 'svelte';
import type { AnyEvent } from '../../../main/api/contract.ts';
import { Connection } from '../api/connection.ts';
import { desktop } from '../api/desktop.ts';
import { isAbort } from '../api/errors.ts';
import { takeToken, tokenOf } from '../api/session.ts';
import type { Dial } from '../api/transport.ts';
import { Contacts } from './contacts.svelte.ts';
import { Nearby } from './nearby.svelte.ts';
import { Notices } from './notices.svelte.ts';
import { Offers } from './offers.svelte.ts';
import { Router } from './router.svelte.ts';
import { Self } from './self.svelte.ts';
import { Services } from './services.svelte.ts';
import { Shares } from './shares.svelte.ts';
import { Transfers } from './transfers.svelte.ts';

export class App {
  /** `lost` reconnects by itself; `refused` needs a new address. */
  connection = $state<'starting' | 'open' | 'lost' | 'refused'>('starting');
  /** True once the lists have been shown: from then on a lost connection leaves them on the screen. */
  wasOpen = $state(false);
  readonly router = new Router();
  readonly notices = new Notices();
  readonly self: Self;
  readonly contacts: Contacts;
  readonly nearby: Nearby;
  readonly shares: Shares;
  readonly offers: Offers;
  readonly transfers: Transfers;
  readonly services: Services;
  readonly #connection: Connection;

  constructor(dial: Dial) {
    this.#connection = new Connection(dial, {
      opened: () => void this.#opened(),
      event: (event) => this.#take(event),
      lost: () => {
        this.connection = 'lost';
      },
      refused: () => {
        this.connection = 'refused';
      },
    });
    this.self = new Self(this.#connection);
    this.contacts = new Contacts(this.#connection);
    this.nearby = new Nearby(this.#connection);
    this.shares = new Shares(this.#connection);
    this.offers = new Offers(this.#connection);
    this.transfers = new Transfers(this.#connection, this.notices);
    this.services = new Services(this.#connection);
  }

  /** Connects and follows the address until the returned function is called. */
  start(): () => void {
    // A new address may be opened in a tab that shows an old one; with a session it is only cleaned up.
    const freshToken = () => {
      if (tokenOf(window.location.hash) === undefined) return;
      if (this.connection === 'open') takeToken(window.location, window.history);
      else this.#connection.retry();
    };
    const online = () => this.#connection.retry();
    window.addEventListener('hashchange', freshToken);
    window.addEventListener('online', online);
    void this.#connection.run();
    const unfollow = this.router.start();
    const deaf = desktop()?.onDeepLink((invite) => this.router.go({ page: 'add', invite }));
    return () => {
      unfollow();
      deaf?.();
      window.removeEventListener('hashchange', freshToken);
      window.removeEventListener('online', online);
      this.#connection.close();
    };
  }

  /** Runs a quick action whose failure has no better place than a message. */
  async attempt(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isAbort(error)) this.notices.fail(what, error);
    }
  }

  async #opened(): Promise<void> {
    this.connection = 'open';
    await Promise.all([
      this.attempt('The peer does not say how it is', () => this.self.refetch()),
      this.contacts.refetch(),
      this.attempt('The peer does not say who is nearby', () => this.nearby.refetch()),
      this.shares.refetch(),
      this.offers.refetch(),
      this.transfers.refetch(),
      this.services.refetch(),
    ]);
    this.wasOpen = true;
  }

  #take(event: AnyEvent): void {
    switch (event.event) {
      case 'status':
        return this.self.apply(event.data);
      case 'contact':
        return this.contacts.list.apply(event.subject, event.data);
      case 'link':
        return this.contacts.applyLink(event.subject, event.data);
      case 'nearby':
        return this.nearby.list.apply(event.subject, event.data);
      case 'share':
        return this.shares.list.apply(event.subject, event.data);
      case 'offer':
        return this.offers.list.apply(event.subject, event.data);
      case 'transfer':
        return this.transfers.apply(event.subject, event.data);
      case 'service':
        return this.services.own.apply(event.subject, event.data);
      case 'remote-service':
        return this.services.remote.apply(event.subject, event.data);
      case 'forward':
        return this.services.forwards.apply(event.subject, event.data);
      case 'notice':
        if (event.data !== null) this.notices.add(event.data);
    }
  }
}

export const [getApp, setApp] = createContext<App>();
