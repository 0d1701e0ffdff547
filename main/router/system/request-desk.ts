/** Where requests of the system account arrive, and how they are answered. */
import type { Account } from '../account/account.ts';
import { codeOf, messageOf } from '../../base/errors.ts';
import type { Facts } from '../monitor/facts.ts';
import { type Answer, Envelope } from './envelope.ts';
import { RequestBody } from './request-body.ts';
import { concerns } from './request-filter.ts';
import { RequestQueue } from './request-queue.ts';
import { type Received, SystemClient } from './system-client.ts';

/** What `data` is made from; answered with this instead of data, a request gets no answer. */
export const skipped = Symbol('no answer');

export class RequestDesk {
  readonly facts: Facts;
  readonly client: SystemClient;
  readonly envelope: Envelope;
  readonly #long: RequestQueue;
  /** What is answered at once does not wait for longer answers. */
  readonly #short: RequestQueue;

  constructor(facts: Facts, account: Account) {
    const { router } = facts;
    this.facts = facts;
    this.client = new SystemClient(account);
    this.envelope = new Envelope(router);
    this.#long = new RequestQueue(router.log);
    this.#short = new RequestQueue(router.log);
  }

  close(): void {
    this.#long.clear();
    this.#short.clear();
    this.client.close();
  }

  /** Does it soon: pings and the like. */
  soon(work: () => void | Promise<void>): void {
    this.#short.push(work);
  }

  /** Does it in its turn. */
  inTurn(work: () => void | Promise<void>): void {
    this.#long.push(work);
  }

  /**
   * Answers requests that may be meant for other servers, with `{server, data}` or `{server, error}`.
   *
   * @param type how nats-server calls what it reads the request's body into
   */
  answer(
    subject: string,
    type: string,
    make: (body: RequestBody, received: Received) => unknown,
  ): void {
    this.client.subscribe(subject, (received) => {
      if (received.reply === '') return;
      this.inTurn(async () => {
        const answer = await this.#make(received, type, make);
        if (answer !== undefined) await this.envelope.respond(this.client, received, answer);
      });
    });
  }

  async #make(
    received: Received,
    type: string,
    make: (body: RequestBody, received: Received) => unknown,
  ): Promise<Answer | undefined> {
    try {
      const body = new RequestBody(received.payload, type);
      if (!concerns(this.facts.router, body)) return undefined;
      const data = await make(body, received);
      return data === skipped ? undefined : { data };
    } catch (error) {
      const code = codeOf(error) === 'router-request' ? 400 : 500;
      return { error: { code, description: messageOf(error) } };
    }
  }
}
