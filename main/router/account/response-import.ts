/** A request under way between two accounts: the way back for its answers. */
import type { ServiceExport } from './exports.ts';
import type { SampledRequest } from './latency.ts';
import type { PendingReplies } from './pending-replies.ts';
import type { Responses } from './responses.ts';

export class ResponseImport {
  /** What the service answers to, in the exporting account. */
  readonly subject: string;
  /** What the client wanted to be answered to, in the importing account. */
  readonly reply: string;
  readonly requester: PendingReplies;
  readonly responder: Responses;
  readonly service: ServiceExport | undefined;
  readonly share: boolean;
  readonly sample: SampledRequest | undefined;
  /** Monotonic ms of the request, or of the last of several answers. */
  touchedAt: number;
  /** A sample has been sent. */
  answered = false;
  /** Neighbours in its queue. */
  earlier: ResponseImport | undefined;
  later: ResponseImport | undefined;

  constructor(
    subject: string,
    reply: string,
    requester: PendingReplies,
    responder: Responses,
    service: ServiceExport | undefined,
    share: boolean,
    sample: SampledRequest | undefined,
    touchedAt: number,
  ) {
    this.subject = subject;
    this.reply = reply;
    this.requester = requester;
    this.responder = responder;
    this.service = service;
    this.share = share;
    this.sample = sample;
    this.touchedAt = touchedAt;
  }
}

/** Those of one service, the one that was touched longest ago first. */
export class ResponseQueue {
  #first: ResponseImport | undefined;
  #last: ResponseImport | undefined;

  get oldest(): ResponseImport | undefined {
    return this.#first;
  }

  add(response: ResponseImport): void {
    response.earlier = this.#last;
    response.later = undefined;
    if (this.#last === undefined) this.#first = response;
    else this.#last.later = response;
    this.#last = response;
  }

  remove(response: ResponseImport): void {
    const { earlier, later } = response;
    if (earlier === undefined) this.#first = later;
    else earlier.later = later;
    if (later === undefined) this.#last = earlier;
    else later.earlier = earlier;
    response.earlier = response.later = undefined;
  }
}
