/** One imported service: takes requests in the importing account, and hands them to the exporting one. */
import type { Connection } from '../connection/connection.ts';
import type { Message } from '../connection/message.ts';
import { Subscription } from '../connection/subscription.ts';
import type { Account } from './account.ts';
import { wantRoundTrip } from './client-info.ts';
import type { Exchange } from './exchange.ts';
import type { ServiceExport } from './exports.ts';
import type { CompiledImport } from './imports.ts';
import { now, sendFailure, type SampledRequest } from './latency.ts';
import { hasPassed, type Passage } from './passage.ts';
import { passOn } from './pass-on.ts';
import { requestInfo } from './request-info.ts';
import { RouterOwn } from './router-own.ts';
import { sampled } from './sampling.ts';

/** Replies of JetStream that keep their meaning in every account. */
const ACKNOWLEDGEMENT = '$JS.ACK.';

export class ServiceImport extends RouterOwn {
  readonly compiled: CompiledImport;
  readonly importer: Exchange;
  readonly exporter: Exchange;
  /** What is exported now; looked up again whenever the exporting account changes. */
  service: ServiceExport | undefined;
  readonly #subscription: Subscription;

  constructor(compiled: CompiledImport, importer: Exchange, exporter: Exchange) {
    super();
    this.compiled = compiled;
    this.importer = importer;
    this.exporter = exporter;
    this.service = exporter.exports.service(compiled.remote);
    this.#subscription = new Subscription(this, compiled.local, undefined, '1');
    this.account.subscribe(this.#subscription);
  }

  get account(): Account {
    return this.importer.account;
  }

  get share(): boolean {
    const { options } = this.compiled;
    return options.kind === 'service' && options.share === true;
  }

  end(): void {
    this.account.unsubscribe(this.#subscription);
  }

  deliver(_: Subscription, message: Message, from: Connection | undefined): boolean {
    const { service, exporter } = this;
    if (hasPassed(message.via, service)) return false;
    const share = message.via?.share ?? this.share;
    const sample = this.#sample(message, from);
    const reply = message.replyText();
    const anonymous = reply !== '' && !reply.startsWith(ACKNOWLEDGEMENT);
    const response = anonymous
      ? exporter.responses.add({
          reply,
          requester: this.importer.replies,
          service,
          share: this.share,
          sample,
        })
      : undefined;
    if (reply === '' && sample !== undefined) {
      sendFailure(exporter.account, sample, 'no-reply', exporter.context.serverName());
    }
    const passage: Passage = { service, share: this.share, previous: message.via };
    const subject = this.#remoteSubject(message.subjectText());
    if (sample !== undefined) this.#measure(subject, from);
    const delivered = passOn(
      message,
      from,
      exporter.account,
      subject,
      response?.subject ?? reply,
      passage,
      requestInfo(this, message, from, share),
    );
    if (delivered === 0 && response !== undefined) exporter.responses.undelivered(response);
    return delivered > 0;
  }

  #remoteSubject(subject: string): string {
    const { same, toRemote, remote } = this.compiled;
    return same ? subject : (toRemote?.apply(subject) ?? remote);
  }

  #sample(message: Message, requestor: Connection | undefined): SampledRequest | undefined {
    const latency = this.service?.options.latency;
    const headers = sampled(latency, message);
    if (latency === undefined || headers === undefined) return undefined;
    const { share } = this;
    return { subject: latency.subject, requestor, share, headers, startedAt: now() };
  }

  /** Samples tell the round trips of both sides. */
  #measure(subject: string, requestor: Connection | undefined): void {
    wantRoundTrip(requestor);
    const { plain, groups } = this.exporter.account.index.matchText(subject);
    for (const { connection } of plain) wantRoundTrip(connection);
    for (const { local } of groups) for (const { connection } of local) wantRoundTrip(connection);
  }
}
