import type { InProcessClient } from './client.ts';

/** What a subscriber in this process gets. It may be kept; nobody may change its bytes. */
export class LocalMessage {
  readonly subject: string;
  /** Empty without. */
  readonly reply: string;
  readonly payload: Uint8Array;
  /** As they stand on the wire, `NATS/1.0\r\nName: value\r\n\r\n` (NATS ADR-4); see `decodeHeaders`. */
  readonly headers: Uint8Array | undefined;
  readonly #client: InProcessClient;

  constructor(
    client: InProcessClient,
    subject: string,
    reply: string,
    payload: Uint8Array,
    headers: Uint8Array | undefined,
  ) {
    this.#client = client;
    this.subject = subject;
    this.reply = reply;
    this.payload = payload;
    this.headers = headers;
  }

  /** Publishes to the reply subject. False when there is none. */
  respond(payload: Uint8Array, headers?: Uint8Array): boolean {
    if (this.reply === '') return false;
    this.#client.publish(this.reply, payload, headers === undefined ? undefined : { headers });
    return true;
  }
}
