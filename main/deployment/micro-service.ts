import type { Msg, NatsConnection, Service, Subscription } from 'nats';
import type { Log } from '../base/log.ts';
import type { Deployment, ServiceOffer } from './types.ts';

/** The queue group of NATS micro services (ADR-32), also where discovery is denied. */
const QUEUE = 'q';

/**
 * Keeps a NATS micro service (ADR-32) up on a deployment, over all clients its connection goes through.
 *
 * nats.js stops the whole service when the server denies one of its `$SRV` subscriptions. The endpoint is what
 * matters, so it is then subscribed alone, and the whole is tried again after the next reconnect.
 */
export class MicroService {
  readonly #deployment: Deployment;
  readonly #offer: ServiceOffer;
  readonly #log: Log;
  readonly #off: (() => void)[];
  #current: Service | Subscription | undefined;
  #plain = false;
  #ended = false;

  constructor(deployment: Deployment, offer: ServiceOffer, log: Log) {
    this.#deployment = deployment;
    this.#offer = offer;
    this.#log = log;
    const { connection } = deployment;
    this.#off = [
      connection.on('fresh', (client) => this.#begin(client)),
      connection.on('back', () => {
        if (this.#plain && connection.client !== undefined) this.#begin(connection.client);
      }),
    ];
    if (connection.client !== undefined) this.#begin(connection.client);
  }

  end(): void {
    this.#ended = true;
    for (const off of this.#off) off();
    this.#stop();
  }

  #begin(client: NatsConnection): void {
    this.#stop();
    this.#plain = false;
    this.#register(client).catch((error: unknown) => {
      // The client went away meanwhile; the next `fresh` begins again.
      this.#log.debug({ err: error }, 'NATS micro service not registered');
    });
  }

  async #register(client: NatsConnection): Promise<void> {
    const { name, version, description, metadata, subject } = this.#offer;
    const service = await client.services.add({
      name,
      version,
      description,
      metadata: metadata(),
      queue: QUEUE,
    });
    if (this.#ended) {
      await service.stop();
      return;
    }
    this.#current = service;
    service.addEndpoint('dial', {
      subject: subject(this.#deployment.prefix),
      handler: (error, request) => {
        if (error === null) this.#handle(request);
      },
    });
    await service.stopped;
    if (this.#current !== service || client.isClosed()) return;
    this.#subscribe(client);
  }

  #subscribe(client: NatsConnection): void {
    this.#plain = true;
    this.#current = client.subscribe(this.#offer.subject(this.#deployment.prefix), {
      queue: QUEUE,
      callback: (error, request) => {
        if (error === null) this.#handle(request);
      },
    });
  }

  /** An exception would end the client's reader, or reach the other side with its message. */
  #handle(request: Msg): void {
    try {
      this.#offer.handler(request, this.#deployment);
    } catch (error) {
      this.#log.error({ err: error }, 'a request over NATS could not be handled');
    }
  }

  #stop(): void {
    const current = this.#current;
    this.#current = undefined;
    if (current === undefined) return;
    if ('unsubscribe' in current) current.unsubscribe();
    else {
      current.stop().catch((error: unknown) => {
        this.#log.debug({ err: error }, 'NATS micro service stopped with an error');
      });
    }
  }
}
