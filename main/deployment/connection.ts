import { setTimeout as sleep } from 'node:timers/promises';
import { Events, type NatsConnection, type Status } from 'nats';
import { Emitter } from '../base/emitter.ts';
import type { Log } from '../base/log.ts';
import { clientOptions } from './client-options.ts';
import { connectOnce } from './connect-once.ts';
import { DeploymentError } from './errors.ts';
import { connectionFailure } from './failure.ts';
import { Lanes } from './lanes/lanes.ts';
import type { Credentials } from './login.ts';
import { isRefusal, Retry } from './retry.ts';
import type { ServerAddress } from './server-address.ts';
import type {
  ConnectionEvents,
  ConnectionState,
  Lane,
  LaneOptions,
  Operation,
  ServerConnection,
} from './types.ts';

const DRAIN_MS = 1000;
/** QUIC needs datagrams of 1,200 bytes (RFC 9000 section 14); below this the overhead is not worth it. */
const MIN_PAYLOAD = 1350;
export interface ConnectionSettings {
  readonly address: ServerAddress;
  /** Asked before each new client; `refused` counts how often the server refused us since it last took us. */
  readonly credentials: (refused: number) => Credentials;
  readonly followCluster: boolean;
  readonly log: Log;
}

/** See `ServerConnection`; made idle, connects after `start`. */
export class Connection implements ServerConnection {
  readonly server: string;
  readonly #settings: ConnectionSettings;
  readonly #events = new Emitter<ConnectionEvents>();
  readonly #lanes = new Lanes();
  readonly #closing = new AbortController();
  #state: ConnectionState = { state: 'connecting', error: null };
  #client: NatsConnection | undefined;
  #maxPayload = 0;
  #away = true;
  #awaySince = performance.now();
  #running: Promise<void> | undefined;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
    this.server = settings.address.url;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get client(): NatsConnection | undefined {
    return this.#away ? undefined : this.#client;
  }

  get maxPayload(): number {
    return this.#maxPayload;
  }

  get seenAs(): string | undefined {
    return this.client?.info?.client_ip;
  }

  on<Name extends keyof ConnectionEvents & string>(
    name: Name,
    listener: (...args: ConnectionEvents[Name]) => void,
  ): () => void {
    return this.#events.on(name, listener);
  }

  openLane(options: LaneOptions): Lane {
    const { client } = this;
    if (client === undefined) throw this.#closed();
    return this.#lanes.open(client, options);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  ready(signal: AbortSignal): Promise<NatsConnection> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const check = (): void => {
        if (signal.aborted) reject(signal.reason);
        else if (this.client !== undefined) resolve(this.client);
        else if (this.#closing.signal.aborted) reject(this.#closed());
        else if (this.#state.state !== 'connecting' && this.#state.error !== null) {
          reject(this.#state.error);
        } else return;
        signal.removeEventListener('abort', check);
        off();
      };
      const off = this.#events.on('state', check);
      signal.addEventListener('abort', check);
      check();
    });
  }

  /** Drains for at most a second, then closes. Idempotent; no events come afterwards. */
  async close(): Promise<void> {
    if (!this.#closing.signal.aborted) {
      this.#closing.abort();
      const client = this.#client;
      if (client !== undefined) {
        if (!this.#away)
          await Promise.race([client.drain(), sleep(DRAIN_MS, null, { ref: false })]);
        await client.close();
      }
    }
    await this.#running;
  }

  async #run(): Promise<void> {
    const closing = this.#closing.signal;
    const retry = new Retry();
    while (!closing.aborted) {
      let failure: DeploymentError;
      try {
        const client = await this.#connect(retry.refusals);
        retry.reset();
        failure = await this.#use(client);
      } catch (error) {
        failure = connectionFailure(this.server, error);
      }
      if (closing.aborted) break;
      this.#setState({ state: isRefusal(failure) ? 'refused' : 'disconnected', error: failure });
      await sleep(retry.waitAfter(failure), null, { signal: closing, ref: false }).catch(() => {
        // Closed meanwhile; the loop ends.
      });
    }
    this.#setState({ state: 'disconnected', error: this.#closed() });
  }

  #connect(refusals: number): Promise<NatsConnection> {
    const options = clientOptions({
      address: this.#settings.address,
      credentials: this.#settings.credentials(refusals),
      followCluster: this.#settings.followCluster,
      awayForMs: () => performance.now() - this.#awaySince,
    });
    return connectOnce(options, this.#lanes, this.#closing.signal);
  }

  /** Uses a client until it is closed for good; resolves with the reason. */
  async #use(client: NatsConnection): Promise<DeploymentError> {
    const useless = this.#uselessness(client);
    if (useless !== undefined || !this.#lanes.begin()) {
      await client.close();
      return useless ?? this.#broke();
    }
    this.#client = client;
    this.#arrived(client);
    this.#events.emit('fresh', client);
    this.#follow(client).catch((error: unknown) => {
      this.#settings.log.error(
        { err: error },
        'an event of a NATS connection could not be handled',
      );
    });
    const closed = await client.closed();
    const reason =
      this.#uselessness(client) ??
      (closed instanceof Error ? connectionFailure(this.server, closed) : this.#closed());
    this.#left();
    this.#client = undefined;
    this.#events.emit('lost', reason);
    return reason;
  }

  /** Ends with the client: its iterator is never resolved again then, and is collected with it. */
  async #follow(client: NatsConnection): Promise<void> {
    for await (const status of client.status()) {
      if (client !== this.#client) return;
      this.#told(status, client);
    }
  }

  #told(status: Status, client: NatsConnection): void {
    if (status.type === Events.Disconnect) {
      this.#left();
      this.#setState({ state: 'disconnected', error: this.#broke() });
      this.#events.emit('away');
    } else if (status.type === Events.Reconnect) {
      if (this.#uselessness(client) !== undefined || !this.#lanes.begin()) {
        client.close().catch((error: unknown) => {
          this.#settings.log.debug({ err: error }, 'closing a connection to NATS failed');
        });
        return;
      }
      this.#arrived(client);
      this.#events.emit('back');
    } else if (status.type === Events.Error) {
      const denied = status.permissionContext;
      if (denied === undefined) return;
      const operation = denied.operation === 'publish' ? 'publish' : 'subscription';
      this.#denied(operation, denied.subject);
    }
  }

  /** Why this server cannot carry sessions, as it is configured now. */
  #uselessness(client: NatsConnection): DeploymentError | undefined {
    const maxPayload = client.info?.max_payload;
    if (maxPayload === undefined || maxPayload >= MIN_PAYLOAD) return undefined;
    return new DeploymentError(
      'nats-payload',
      `${this.server} takes messages of ${maxPayload} bytes at most; ${MIN_PAYLOAD} are needed.`,
    );
  }

  #arrived(client: NatsConnection): void {
    this.#maxPayload = client.info?.max_payload ?? 0;
    this.#away = false;
    this.#settings.log.info({ server: this.server }, 'connected to NATS');
    this.#setState({ state: 'connected', error: null });
  }

  #left(): void {
    if (this.#away) return;
    this.#away = true;
    this.#awaySince = performance.now();
    this.#lanes.end();
  }

  #denied(operation: Operation, subject: string): void {
    const verb = operation === 'publish' ? 'publish to' : 'subscribe to';
    const sentence = `${this.server} does not let this peer ${verb} ${subject}.`;
    this.#settings.log.warn({ server: this.server, operation, subject }, 'NATS permission denied');
    const discovery = subject.startsWith('$SRV.');
    const { state, error } = this.#state;
    // A missing permission that hinders dialling is worth more than one that only hides this peer from tools.
    if (state === 'connected' && !(discovery && error !== null)) {
      const code = discovery ? 'nats-discovery' : 'nats-permission';
      this.#setState({ state, error: new DeploymentError(code, sentence) });
    }
    this.#events.emit('denied', operation, subject);
  }

  #setState(state: ConnectionState): void {
    const changed = state.state !== this.#state.state || state.error !== this.#state.error;
    if (changed && state.error !== null && !this.#closing.signal.aborted) {
      this.#settings.log.warn({ server: this.server, code: state.error.code }, state.error.message);
    }
    this.#state = state;
    if (changed) this.#events.emit('state');
  }

  #broke(): DeploymentError {
    return new DeploymentError('nats-unreachable', `The connection to ${this.server} broke.`);
  }

  #closed(): DeploymentError {
    return new DeploymentError('nats-closed', `The connection to ${this.server} was closed.`);
  }
}
