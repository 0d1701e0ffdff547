/**
 * The UDP port on the router: asked for when this peer starts and when its network changes, renewed before it ends,
 * taken back when this peer stops.
 */
import { isIPv4 } from 'node:net';
import { Worker } from 'node:worker_threads';
import { messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { workerEntry } from '../../base/worker-entry.ts';
import type { Way } from '../../identity/types.ts';
import { isPublicAddress, outsideAddresses } from './addresses.ts';
import { LIFETIME_S, type MappingAnswer, type MappingTask } from './mapping-task.ts';

/** What costs nothing is tried first: most contacts are linked by then. */
const START_MS = 1_000;
/** Often enough for routers that keep a mapping shorter than they were asked to. */
const RENEW_MS = (LIFETIME_S * 1_000) / 3;
/** After no or a bad answer; doubles up to the longest. */
const RETRY_MS = 60_000;
const LONGEST_RETRY_MS = 15 * 60_000;
/** All tries of all protocols together take less. */
const TASK_MS = 20_000;
const UNMAP_MS = 2_000;
/** Of what a router says, for people. */
const MAX_REASON = 200;
/** What a router answers is read whole: this ends the thread before it hurts. */
const THREAD_MEGABYTES = 64;

export type MappingState =
  | { readonly state: 'off' | 'looking' | 'no-router' | 'not-needed' }
  | {
      readonly state: 'mapped';
      readonly host: string;
      readonly port: number;
      readonly protocol: 'NAT-PMP' | 'UPnP';
    }
  /** The router itself is behind another NAT. */
  | { readonly state: 'private'; readonly host: string }
  | { readonly state: 'refused'; readonly reason: string };

/** Carries a task out; rejects when that fails, or with the signal's reason. */
export type AskRouter = (task: MappingTask, signal: AbortSignal) => Promise<MappingAnswer>;

type Mapping = MappingAnswer & { readonly result: 'mapped' };

export interface PortMappingOptions {
  readonly port: number;
  /** Milliseconds. */
  readonly now: () => number;
  readonly log: Log;
  readonly ask?: AskRouter;
  readonly addresses?: () => string[];
}

export class PortMapping {
  readonly #options: PortMappingOptions;
  readonly #ask: AskRouter;
  readonly #addresses: () => string[];
  readonly #ended = new AbortController();
  #state: MappingState = { state: 'looking' };
  #mapping: Mapping | undefined;
  /** Until when the router keeps it, if nobody renews it. */
  #endsAt = 0;
  #retryMs = RETRY_MS;
  #timer: NodeJS.Timeout | undefined;
  #task: AbortController | undefined;

  constructor(options: PortMappingOptions) {
    this.#options = options;
    this.#ask = options.ask ?? askInThread;
    this.#addresses = options.addresses ?? outsideAddresses;
  }

  get state(): MappingState {
    return this.#state;
  }

  /** Where datagrams reach this peer's port; undefined when no router says so. */
  way(): (Way & { kind: 'udp' }) | undefined {
    if (this.#state.state !== 'mapped') return undefined;
    const { host, port } = this.#state;
    return { kind: 'udp', host, port };
  }

  start(): void {
    this.#wait(START_MS);
  }

  /** The network has changed: there may be another router now. */
  again(): void {
    if (this.#ended.signal.aborted) return;
    if (this.#mapping !== undefined && !this.#addresses().includes(this.#mapping.to)) {
      this.#mapping = undefined;
      this.#state = { state: 'looking' };
    }
    this.#retryMs = RETRY_MS;
    this.#task?.abort(new Error('The network has changed.'));
    this.#wait(0);
  }

  /** Takes the mapping back, within 2 s or not at all. Idempotent. */
  async stop(): Promise<void> {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort(new Error('The port is closed.'));
    clearTimeout(this.#timer);
    const mapping = this.#mapping;
    this.#mapping = undefined;
    this.#state = { state: 'off' };
    if (mapping === undefined) return;
    const { port: outsidePort, by } = mapping;
    const task = { type: 'unmap', port: this.#options.port, outsidePort, by } as const;
    try {
      await this.#ask(task, AbortSignal.timeout(UNMAP_MS));
    } catch (error) {
      // The router forgets it by itself.
      this.#options.log.debug({ reason: messageOf(error) }, 'port mapping: not taken back');
    }
  }

  #wait(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), ms);
  }

  async #look(): Promise<void> {
    if (this.#addresses().some((address) => isIPv4(address) && isPublicAddress(address))) {
      this.#state = { state: 'not-needed' };
      return;
    }
    const { port, now, log } = this.#options;
    const task = new AbortController();
    this.#task = task;
    const signal = AbortSignal.any([this.#ended.signal, task.signal, AbortSignal.timeout(TASK_MS)]);
    let answer: MappingAnswer;
    try {
      answer = await this.#ask({ type: 'map', port }, signal);
    } catch (error) {
      log.debug({ reason: messageOf(error) }, 'port mapping: failed');
      answer = { result: 'no-router' };
    }
    if (this.#ended.signal.aborted || task.signal.aborted) return;
    this.#task = undefined;
    const state = stateOf(answer);
    if (answer.result === 'mapped') {
      this.#mapping = answer;
      this.#endsAt = now() + LIFETIME_S * 1_000;
      this.#retryMs = RETRY_MS;
      this.#become(state);
      this.#wait(RENEW_MS);
      return;
    }
    // One that was not renewed is good as long as the router said.
    if (this.#state.state !== 'mapped' || now() >= this.#endsAt) {
      this.#mapping = undefined;
      this.#become(state);
    }
    this.#wait(this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
  }

  #become(state: MappingState): void {
    this.#state = state;
    this.#options.log.debug(state, 'port mapping');
  }
}

/** What an answer comes to; nothing that a router says is believed as it is. */
function stateOf(answer: MappingAnswer): MappingState {
  if (answer.result === 'refused') return { state: 'refused', reason: forPeople(answer.reason) };
  if (answer.result !== 'mapped') return { state: 'no-router' };
  const { host, port, by } = answer;
  if (!isIPv4(host) || !Number.isInteger(port) || port < 1 || port > 65_535) {
    return { state: 'refused', reason: 'it named no address' };
  }
  if (!isPublicAddress(host)) return { state: 'private', host };
  return { state: 'mapped', host, port, protocol: by.protocol };
}

function forPeople(reason: string): string {
  return reason.replaceAll(/[^\x20-\x7e]/g, ' ').slice(0, MAX_REASON);
}

/** One thread for one task: it is loaded only then, and whatever happens in it ends there. */
function askInThread(task: MappingTask, signal: AbortSignal): Promise<MappingAnswer> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<MappingAnswer>();
  const worker = new Worker(workerEntry(import.meta.url, './port-mapping-worker'), {
    name: 'port-mapping',
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: THREAD_MEGABYTES },
  });
  const onAbort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  worker.once('message', resolve);
  worker.once('error', reject);
  worker.once('exit', () => reject(new Error('The thread ended without an answer.')));
  return promise.finally(async () => {
    signal.removeEventListener('abort', onAbort);
    await worker.terminate();
  });
}
