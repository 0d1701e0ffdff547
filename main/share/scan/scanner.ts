import { Worker } from 'node:worker_threads';
import { workerEntry } from '../../base/worker-entry.ts';
import { ShareError } from '../errors.ts';
import type { FromWorker, HashTask, ScanJob, ScannedEntry, ToWorker } from './messages.ts';

/** An idle worker is ended after this: it holds 10 MB and more. */
const IDLE_MS = 5_000;

type Walked = Extract<FromWorker, { is: 'walked' }>;
type Hashed = Extract<FromWorker, { is: 'hashed' }>;

/**
 * Runs walks and hashes in one worker thread, one job at a time, in the order they were asked for. Cutting
 * large work into several jobs lets others in between. An aborted job ends with its worker; the next job
 * starts another.
 */
export class Scanner implements AsyncDisposable {
  #worker: Worker | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  /**
   * Walks a share. @param onEntries is called with a batch of entries at a time; the walk waits for it
   * @throws ShareError `path-missing`, `path-unreadable`, `scan-failed`, or the signal's reason
   */
  walk(
    root: string,
    kind: 'file' | 'folder',
    onEntries: (entries: readonly ScannedEntry[]) => void,
    signal: AbortSignal,
  ): Promise<Walked> {
    return this.#run({ do: 'walk', root, kind }, signal, (message, worker) => {
      if (message.is === 'entries') {
        onEntries(message.entries);
        worker.postMessage({ do: 'credit' } satisfies ToWorker);
      }
      return message.is === 'walked' ? message : undefined;
    });
  }

  /** Hashes files; each result comes by `onHashed`, failures too. */
  async hash(
    root: string,
    kind: 'file' | 'folder',
    files: readonly HashTask[],
    onHashed: (result: Hashed) => void,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#run({ do: 'hash', root, kind, files }, signal, (message) => {
      if (message.is === 'hashed') onHashed(message);
      return message.is === 'done' ? message : undefined;
    });
  }

  #run<Result>(
    job: ScanJob,
    signal: AbortSignal,
    take: (message: FromWorker, worker: Worker) => Result | undefined,
  ): Promise<Result> {
    const run = this.#tail.then(() => this.#start(job, signal, take));
    // The next job waits for this one to end, well or not; its own caller hears of the failure.
    this.#tail = run.catch(() => undefined);
    return run;
  }

  async #start<Result>(
    job: ScanJob,
    signal: AbortSignal,
    take: (message: FromWorker, worker: Worker) => Result | undefined,
  ): Promise<Result> {
    signal.throwIfAborted();
    if (this.#closed) throw new ShareError('sharing-closed', 'The peer is stopping.');
    clearTimeout(this.#idle);
    this.#worker ??= startWorker();
    const worker = this.#worker;
    const ended = new AbortController();
    try {
      return await new Promise<Result>((resolve, reject) => {
        const fail = (error: unknown): void => {
          // A worker in the middle of a job that nobody wants any more is of no use.
          if (this.#worker === worker) this.#worker = undefined;
          void worker.terminate();
          reject(error as Error);
        };
        const onMessage = (message: FromWorker): void => {
          try {
            if (message.is === 'failed') return fail(failureOf(message, job.root));
            const result = take(message, worker);
            if (result !== undefined) resolve(result);
          } catch (error) {
            fail(error);
          }
        };
        const onError = (error: unknown): void =>
          fail(new ShareError('scan-failed', 'The scan worker failed.', { cause: error }));
        const onExit = (): void => fail(new ShareError('scan-failed', 'The scan worker ended.'));
        const onAbort = (): void => fail(signal.reason);
        worker.on('message', onMessage).on('error', onError).on('exit', onExit);
        signal.addEventListener('abort', onAbort);
        ended.signal.addEventListener('abort', () => {
          worker.off('message', onMessage).off('error', onError).off('exit', onExit);
          signal.removeEventListener('abort', onAbort);
        });
        worker.postMessage(job satisfies ToWorker);
      });
    } finally {
      ended.abort();
      this.#idle = setTimeout(() => this.#release(), IDLE_MS).unref();
    }
  }

  #release(): void {
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
    await this.#tail;
    clearTimeout(this.#idle);
  }
}

function startWorker(): Worker {
  const worker = new Worker(workerEntry(import.meta.url, './scan-worker'), { name: 'scan' });
  // Between jobs nobody else listens; the next job notices that the worker has ended.
  return worker.on('error', () => undefined);
}

function failureOf(message: Extract<FromWorker, { is: 'failed' }>, root: string): ShareError {
  const cause = new Error(message.message);
  if (message.code === 'ENOENT' || message.code === 'ENOTDIR') {
    return new ShareError('path-missing', `There is nothing at ${root} any more.`, { cause });
  }
  if (message.code === 'EACCES' || message.code === 'EPERM' || message.code === 'EIO') {
    return new ShareError('path-unreadable', `${root} cannot be read.`, { cause });
  }
  return new ShareError('scan-failed', `${root} could not be scanned.`, { cause });
}
