import { Emitter } from '../base/emitter.ts';
import type { Log } from '../base/log.ts';
import type { NatsUser } from '../identity/types.ts';
import { Connection } from './connection.ts';
import { DeploymentError } from './errors.ts';
import type { Credentials } from './login.ts';
import { MicroService } from './micro-service.ts';
import { parseServerAddress, type ServerAddress } from './server-address.ts';
import type {
  Deployment,
  DeploymentConfig,
  Deployments,
  DeploymentStatus,
  Lease,
  ServiceOffer,
} from './types.ts';

/** Servers of contacts that are kept at once, besides the configured ones. */
const MAX_LEARNT = 8;
/** How long the server of a contact is kept after its last use. */
const LINGER_MS = 30_000;

export interface DeploymentsOptions {
  readonly configured: readonly DeploymentConfig[];
  /** Answers the nonce of configured servers for which no other credentials are given. */
  readonly user?: NatsUser | undefined;
  readonly log: Log;
}

interface Learnt {
  readonly connection: Connection;
  uses: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * @throws DeploymentError `nats-address` for a configured address that is none
 */
export function createDeployments(options: DeploymentsOptions): Deployments {
  return new NatsDeployments(options);
}

class NatsDeployments implements Deployments {
  readonly #log: Log;
  readonly #configured: readonly (Deployment & { readonly connection: Connection })[];
  readonly #learnt = new Map<string, Learnt>();
  readonly #services = new Set<MicroService>();
  readonly #events = new Emitter<{ change: [] }>();
  #closing: Promise<void> | undefined;

  constructor({ configured, user, log }: DeploymentsOptions) {
    this.#log = log;
    this.#configured = configured.map((config) => {
      const address = parseServerAddress(config.server);
      const connection = new Connection({
        address,
        credentials: (refused) => credentialsOf(config, address, user, refused),
        followCluster: true,
        log,
      });
      connection.on('state', () => this.#events.emit('change'));
      return { connection, prefix: config.prefix };
    });
  }

  get configured(): readonly Deployment[] {
    return this.#configured;
  }

  status(): DeploymentStatus[] {
    return this.#configured.map(({ connection, prefix }) => {
      const { state, error } = connection.state;
      const shown = error && { code: error.code, message: error.message, hint: error.hint };
      return { server: connection.server, prefix, state, error: shown };
    });
  }

  onChange(listener: () => void): () => void {
    return this.#events.on('change', listener);
  }

  start(): void {
    if (this.#closing !== undefined) return;
    for (const { connection } of this.#configured) connection.start();
  }

  lease(server: string): Lease {
    const address = parseServerAddress(server);
    if (this.#closing !== undefined) {
      throw new DeploymentError('nats-closed', 'The connections to NATS are being closed.');
    }
    const own = this.#configured.find(({ connection }) => connection.server === address.url);
    if (own !== undefined) return { connection: own.connection, release: () => undefined };
    if (address.login !== null) {
      throw new DeploymentError('nats-address', 'A way to a contact must not hold credentials.');
    }
    const learnt = this.#learnt.get(address.url) ?? this.#learn(address);
    learnt.uses += 1;
    clearTimeout(learnt.timer);
    let released = false;
    return {
      connection: learnt.connection,
      release: () => {
        if (released) return;
        released = true;
        learnt.uses -= 1;
        if (learnt.uses > 0 || this.#closing !== undefined) return;
        learnt.timer = setTimeout(() => this.#forget(address.url, learnt), LINGER_MS).unref();
      },
    };
  }

  #learn(address: ServerAddress): Learnt {
    if (this.#learnt.size >= MAX_LEARNT) {
      const idle = [...this.#learnt].find(([, { uses }]) => uses === 0);
      if (idle === undefined) {
        throw new DeploymentError(
          'nats-servers',
          `${MAX_LEARNT} NATS servers of contacts are in use already.`,
        );
      }
      this.#forget(...idle);
    }
    const connection = new Connection({
      address,
      credentials: () => ({ kind: 'none' }),
      // What a contact's server says about other addresses is not followed.
      followCluster: false,
      log: this.#log,
    });
    const learnt: Learnt = { connection, uses: 0, timer: undefined };
    this.#learnt.set(address.url, learnt);
    connection.start();
    return learnt;
  }

  #forget(url: string, learnt: Learnt): void {
    clearTimeout(learnt.timer);
    this.#learnt.delete(url);
    learnt.connection.close().catch((error: unknown) => {
      this.#log.debug({ err: error }, 'closing a connection to NATS failed');
    });
  }

  serve(offer: ServiceOffer): () => void {
    const services = this.#configured.map(
      (deployment) => new MicroService(deployment, offer, this.#log),
    );
    for (const service of services) this.#services.add(service);
    return () => {
      for (const service of services) {
        service.end();
        this.#services.delete(service);
      }
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const service of this.#services) service.end();
    this.#services.clear();
    const learnt = [...this.#learnt.values()];
    for (const { timer } of learnt) clearTimeout(timer);
    await Promise.all([...this.#configured, ...learnt].map(({ connection }) => connection.close()));
    this.#learnt.clear();
  }
}

/** What the configuration gives comes first. */
function credentialsOf(
  config: DeploymentConfig,
  address: ServerAddress,
  user: NatsUser | undefined,
  refused: number,
): Credentials {
  if (config.creds !== undefined) return { kind: 'creds', file: config.creds };
  if (address.login !== null) return { kind: 'login', login: address.login };
  // A server that knows other users' keys but lets everybody else in refuses a key it does not know:
  // every second attempt after a refusal goes without one.
  if (user !== undefined && refused % 2 === 0) return { kind: 'user', user };
  return { kind: 'none' };
}
