/** The peer in its worker thread: start, connect, stop in two steps, and its end when nobody asked for it. */
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import type { ErrorInfo } from '../api/contract.ts';
import { Emitter } from '../base/emitter.ts';
import { SkerryError, messageOf } from '../base/errors.ts';
import type { FromThread, ThreadOptions, ToThread } from '../peer-thread.ts';
import { DesktopError } from './errors.ts';

export type PeerHostState = 'stopped' | 'starting' | 'running' | 'stopping' | 'failed';

type PeerHostEvents = {
  state: [state: PeerHostState];
  /** The running peer ended without being asked to. */
  failed: [error: SkerryError];
  /** A client of the API asked the peer to stop (`skerry stop`). */
  'stop-requested': [];
};

export class PeerHost {
  readonly events = new Emitter<PeerHostEvents>();
  readonly #entry: URL;
  #state: PeerHostState = 'stopped';
  #worker: Worker | undefined;
  /** Why the thread is about to end, once it is known. */
  #reason: SkerryError | undefined;
  /** Settled when the peer of the present thread runs, or will never run. */
  #started = newSignal();

  /** @param entry the thread's file: `workerEntry(…, '../peer-thread')` */
  constructor(entry: URL) {
    this.#entry = entry;
  }

  get state(): PeerHostState {
    return this.#state;
  }

  /**
   * Starts the thread and in it the peer. A master key in `options` is moved to the thread: it is gone from here.
   *
   * @returns the shell's own connection to the peer's API
   * @throws SkerryError whatever the peer's start was refused for; DesktopError `peer-thread-failed`
   */
  async start(options: ThreadOptions): Promise<MessagePort> {
    if (this.#worker !== undefined) throw new Error('The peer thread was started twice.');
    if (this.#state === 'failed') this.#started = newSignal();
    this.#reason = undefined;
    this.#enter('starting');
    const worker = new Worker(this.#entry, { name: 'peer' });
    this.#worker = worker;
    worker.on('message', (message: FromThread) => this.#receive(message));
    worker.on('error', (error) => (this.#reason ??= threadFailed(messageOf(error), error)));
    worker.on('exit', (code) => this.#exited(code));
    this.#post({ kind: 'start', options }, keyOf(options));
    await this.#started.promise;
    return this.#connectNow();
  }

  /**
   * A new connection to the peer's API; waits for a peer that is starting.
   *
   * @throws DesktopError `peer-not-running`; what the start was refused for
   */
  async connect(): Promise<MessagePort> {
    await this.#started.promise;
    if (this.#state !== 'running') throw notRunning();
    return this.#connectNow();
  }

  /**
   * Asks the peer to stop, waits, and ends the thread in any case. Idempotent.
   *
   * @param limitMs how long the peer may take
   * @returns whether it stopped by itself
   */
  async stop(limitMs: number): Promise<boolean> {
    const worker = this.#worker;
    if (worker === undefined) return true;
    this.#enter('stopping');
    const exited = Promise.withResolvers<boolean>();
    worker.once('exit', () => exited.resolve(true));
    const timer = setTimeout(() => exited.resolve(false), limitMs);
    this.#post({ kind: 'stop' });
    const inTime = await exited.promise;
    clearTimeout(timer);
    if (!inTime) await worker.terminate();
    return inTime;
  }

  #receive(message: FromThread): void {
    if (message.kind === 'stop-requested') {
      this.events.emit('stop-requested');
    } else if (message.kind === 'failed') {
      this.#reason ??= fromInfo(message.error);
      // It has stopped what it had started; a handle it may have left must not keep the thread.
      void this.#worker?.terminate();
    } else if (this.#state === 'starting') {
      this.#enter('running');
      this.#started.resolve();
    }
  }

  /** The one place where a thread ends, so that a new one never meets the old one's locks. */
  #exited(code: number): void {
    this.#worker = undefined;
    if (this.#state === 'stopping') {
      this.#started.reject(notRunning());
      this.#started = newSignal();
      this.#enter('stopped');
      return;
    }
    const error = this.#reason ?? threadFailed(`its thread ended with code ${code}`);
    const wasRunning = this.#state === 'running';
    // Whoever connects from now on is told as well.
    if (wasRunning) this.#started = newSignal();
    this.#started.reject(error);
    this.#enter('failed');
    if (wasRunning) this.events.emit('failed', error);
  }

  #connectNow(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#post({ kind: 'connect', port: port2 }, [port2]);
    return port1;
  }

  #post(message: ToThread, transfer: (ArrayBuffer | MessagePort)[] = []): void {
    this.#worker?.postMessage(message, transfer);
  }

  #enter(state: PeerHostState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.events.emit('state', state);
  }
}

/** What is moved, so that the key is in one place only. */
function keyOf({ protection }: ThreadOptions): ArrayBuffer[] {
  const memory = protection.kind === 'os' ? protection.key.buffer : undefined;
  return memory instanceof ArrayBuffer ? [memory] : [];
}

function newSignal(): PromiseWithResolvers<void> {
  const signal: PromiseWithResolvers<void> = Promise.withResolvers();
  // Nobody may be waiting when a start fails; `start` itself throws.
  signal.promise.catch(() => undefined);
  return signal;
}

function notRunning(): DesktopError {
  return new DesktopError('peer-not-running', 'The peer is not running.');
}

function threadFailed(why: string, cause?: unknown): DesktopError {
  return new DesktopError('peer-thread-failed', `The peer has ended: ${why}.`, { cause });
}

/** An error of the thread with its code, sentence and hint as they were. */
function fromInfo({ code, message, hint }: ErrorInfo): SkerryError {
  return new SkerryError({}, code, message, { hint });
}
