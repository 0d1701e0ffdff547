/** `$SYS.SERVER.<id>.STATSZ`: how a server is, again and again, and when asked. */
import { goJson } from '../monitor/go-json.ts';
import { localClients } from '../monitor/account-stats.ts';
import type { Facts } from '../monitor/facts.ts';
import { timeText } from '../monitor/go-format.ts';
import { connectionCount, connectionTotal, subscriptionCount } from '../monitor/varz.ts';
import type { Envelope } from './envelope.ts';
import type { SystemClient } from './system-client.ts';

/** Often in the beginning, then half as often each time until it is this long. */
const INTERVAL_MS = 10_000;
const FIRST_MS = 250;
/** Between two of them that somebody asked for. */
const SHORTEST_MS = 1_000;

export class Statsz {
  readonly #facts: Facts;
  readonly #client: SystemClient;
  readonly #envelope: Envelope;
  #interval = FIRST_MS;
  #timer: NodeJS.Timeout | undefined;
  #sentAt = -Infinity;

  constructor(facts: Facts, client: SystemClient, envelope: Envelope) {
    this.#facts = facts;
    this.#client = client;
    this.#envelope = envelope;
  }

  start(): void {
    this.#schedule();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** To all who listen; not if there was one just now. */
  broadcast(): void {
    const now = performance.now();
    if (now - this.#sentAt < Math.min(SHORTEST_MS, this.#interval)) return;
    this.#sentAt = now;
    this.send(`$SYS.SERVER.${this.#facts.router.id}.STATSZ`);
  }

  send(subject: string): void {
    if (!this.#client.isHeard(subject)) return;
    const event = { server: this.#envelope.server(), statsz: this.#stats() };
    this.#client.publish(subject, goJson(event));
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      this.#interval = Math.min(this.#interval * 2, INTERVAL_MS);
      this.#schedule();
      this.broadcast();
    }, this.#interval);
    this.#timer.unref();
  }

  #stats(): object {
    const { router, statistics } = this.#facts;
    const { traffic } = router;
    const { mem, cpu, cores } = statistics.usage.read();
    let active = 0;
    for (const account of router.accounts.values()) if (localClients(account) > 0) active++;
    return {
      start: timeText(statistics.startedAt),
      mem,
      cores,
      cpu,
      connections: connectionCount(router),
      total_connections: connectionTotal(router),
      active_accounts: active,
      subscriptions: subscriptionCount(router),
      sent: { msgs: traffic.outMessages, bytes: traffic.outBytes },
      received: { msgs: traffic.inMessages, bytes: traffic.inBytes },
      slow_consumers: traffic.slowConsumers,
      active_servers: 1,
    };
  }
}
