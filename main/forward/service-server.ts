import type { Socket } from 'node:net';
import { codeOf, messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { PeerKey } from '../identity/types.ts';
import { encodeFrame } from '../link/framing.ts';
import type { Stream } from '../link/types.ts';
import type { LiveService, OwnServices } from './own-services.ts';
import { Splice } from './splice.ts';
import { connectTarget, TargetFailed } from './target.ts';
import { Header, MAX_ANSWER_BYTES, type Answer, type Refusal } from './wire.ts';

/** Connections of one contact at a time, to all services together. */
const MAX_PER_CONTACT = 64;
/** Connections to one service at a time, of all contacts together. */
const MAX_PER_SERVICE = 256;
/** Refusals of one contact that are logged in a minute; the rest is counted. */
const LOGGED_REFUSALS = 20;
const REFUSAL_WINDOW_MS = 60_000;

/** A connection of a contact to a service. */
interface Use {
  readonly peer: PeerKey;
  readonly name: string;
  readonly cut: AbortController;
}

interface Refusals {
  since: number;
  count: number;
}

export interface ServiceServerOptions {
  readonly own: OwnServices;
  readonly log: Log;
  /** Connections of a service came or went. */
  readonly onUse: (name: string) => void;
}

/** Serves `/skerry/forward/1`: connects contacts to local programs, each within its limits. */
export class ServiceServer {
  readonly #options: ServiceServerOptions;
  readonly #uses = new Set<Use>();
  readonly #refusals = new Map<PeerKey, Refusals>();

  constructor(options: ServiceServerOptions) {
    this.#options = options;
  }

  /** Live connections to a service. */
  count(name: string): number {
    return this.#countOf((use) => use.name === name);
  }

  /** Serves one stream to its end. */
  async serve(stream: Stream): Promise<void> {
    const header = Header.safeParse(stream.header);
    if (!header.success) return this.#refuse(stream, 'bad-request', null);
    const { service: name } = header.data;
    const service = this.#admit(stream.peer, name);
    if (typeof service === 'string') return this.#refuse(stream, service, name);
    const use: Use = { peer: stream.peer, name, cut: new AbortController() };
    const onCut = (): void => stream.abort();
    use.cut.signal.addEventListener('abort', onCut, { once: true });
    this.#uses.add(use);
    this.#options.onUse(name);
    try {
      await this.#connect(stream, service, use);
    } finally {
      this.#uses.delete(use);
      this.#options.onUse(name);
    }
  }

  /** Looks at every live connection again: those that may not be any more are cut at once. */
  review(): void {
    const { own } = this.#options;
    for (const { peer, name, cut } of [...this.#uses]) {
      const service = own.get(name);
      if (service === undefined || !own.isFor(service, peer)) cut.abort(new Error('taken back'));
    }
  }

  /** A contact is none any more. */
  forget(peer: PeerKey): void {
    this.#refusals.delete(peer);
  }

  cutAll(): void {
    for (const { cut } of [...this.#uses]) cut.abort(new Error('the peer is stopping'));
  }

  /**
   * Whether a service is there is looked at after the contact's own limit and answered in one way, so that
   * nobody learns of one that is not for him.
   */
  #admit(peer: PeerKey, name: string): LiveService | Refusal {
    if (this.#countOf((use) => use.peer === peer) >= MAX_PER_CONTACT) return 'busy';
    const service = this.#options.own.get(name);
    if (service === undefined || !this.#options.own.isFor(service, peer)) return 'not-exposed';
    return this.count(name) >= MAX_PER_SERVICE ? 'busy' : service;
  }

  async #connect(stream: Stream, service: LiveService, use: Use): Promise<void> {
    let socket: Socket;
    try {
      socket = await connectTarget(service.target, use.cut.signal);
    } catch (error) {
      if (!(error instanceof TargetFailed)) throw error;
      const cause = codeOf(error.cause) ?? messageOf(error.cause);
      return this.#refuse(stream, error.refusal, use.name, cause);
    }
    const splice = new Splice(stream, socket);
    const onCut = (): void => splice.cut();
    use.cut.signal.addEventListener('abort', onCut, { once: true });
    const began = performance.now();
    let end = 'whole';
    try {
      await answer(stream, { ok: true });
      await splice.run();
    } catch (error) {
      end = use.cut.signal.aborted ? 'taken-back' : (codeOf(error) ?? 'target-broke');
      splice.cut();
    } finally {
      const { peer, name } = use;
      const { sentBytes, receivedBytes } = splice.traffic;
      const ms = Math.round(performance.now() - began);
      this.#options.log.info(
        { peer, service: name, sentBytes, receivedBytes, ms, end },
        'service used',
      );
    }
  }

  async #refuse(
    stream: Stream,
    refused: Refusal,
    service: string | null,
    cause?: string,
  ): Promise<void> {
    const { peer } = stream;
    this.#logRefusal(peer, { peer, service, refused, ...(cause !== undefined && { cause }) });
    await answer(stream, { refused });
  }

  #logRefusal(peer: PeerKey, facts: object): void {
    const now = performance.now();
    const before = this.#refusals.get(peer);
    const isOld = before === undefined || now - before.since > REFUSAL_WINDOW_MS;
    const refusals = isOld ? { since: now, count: 0 } : before;
    if (isOld) this.#refusals.set(peer, refusals);
    refusals.count += 1;
    if (refusals.count > LOGGED_REFUSALS) return;
    const more = refusals.count === LOGGED_REFUSALS ? '; more within a minute are left out' : '';
    this.#options.log.info(facts, `service refused${more}`);
  }

  #countOf(is: (use: Use) => boolean): number {
    let count = 0;
    for (const use of this.#uses) if (is(use)) count += 1;
    return count;
  }
}

function answer(stream: Stream, what: Answer): Promise<void> {
  return stream.write(encodeFrame(what, MAX_ANSWER_BYTES));
}
