import { createHmac, randomBytes } from 'node:crypto';
import type { Worker } from 'node:worker_threads';
import { builtin } from '../../base/builtins.ts';
import { workerEntry } from '../../base/worker-entry.ts';
import type { BcryptDone, BcryptTask } from './bcrypt-worker.ts';
import { isBcrypt, sameSecret } from './secrets.ts';

/** Comparisons under way and waiting; beyond it logins are refused, or a flood of them would fill memory. */
const MAX_WAITING = 1024;
/** Right passwords remembered. */
const MAX_REMEMBERED = 4096;
/** The thread ends after this long without work. */
const LINGER_MS = 30_000;

/**
 * Compares passwords and tokens with what is configured: text at once, bcrypt hashes on a thread of its own.
 *
 * Choice: a password that was right once is remembered as an HMAC under a key that lives in this object alone.
 * Why: at 100 ms each, a thousand clients that reconnect would wait two minutes. Trade-off: whoever reads this
 * process' memory can try passwords faster than bcrypt allows, but then sees them in the clear at each login too.
 */
export class Passwords {
  readonly #key = randomBytes(32);
  readonly #right = new Set<string>();
  readonly #underWay = new Map<string, Promise<boolean>>();
  readonly #tasks = new Map<number, PromiseWithResolvers<boolean>>();
  #lastTask = 0;
  #worker: Worker | undefined;
  #linger: NodeJS.Timeout | undefined;

  /** Whether the given password is the stored one. False too when too many are waiting, or after `close`. */
  check(stored: string, given: string): boolean | Promise<boolean> {
    if (!isBcrypt(stored)) return sameSecret(stored, given);
    const mark = createHmac('sha256', this.#key).update(`${stored}\n${given}`).digest('base64');
    if (this.#right.has(mark)) return true;
    const known = this.#underWay.get(mark);
    if (known !== undefined) return known;
    if (this.#underWay.size >= MAX_WAITING) return false;
    const answer = this.#compare(stored, given).then((same) => {
      this.#underWay.delete(mark);
      if (same) this.#remember(mark);
      return same;
    });
    this.#underWay.set(mark, answer);
    return answer;
  }

  /** Ends the thread; what is under way counts as wrong. Idempotent. */
  async close(): Promise<void> {
    clearTimeout(this.#linger);
    this.#right.clear();
    const worker = this.#worker;
    this.#giveUp();
    await worker?.terminate();
  }

  #compare(hash: string, password: string): Promise<boolean> {
    clearTimeout(this.#linger);
    const worker = (this.#worker ??= this.#start());
    const task: BcryptTask = { id: ++this.#lastTask, hash, password };
    const done = Promise.withResolvers<boolean>();
    this.#tasks.set(task.id, done);
    worker.postMessage(task);
    return done.promise;
  }

  #start(): Worker {
    const { Worker } = builtin('node:worker_threads');
    const worker = new Worker(workerEntry(import.meta.url, './bcrypt-worker'), { name: 'bcrypt' });
    worker.unref();
    worker.on('message', ({ id, same }: BcryptDone) => {
      this.#tasks.get(id)?.resolve(same);
      this.#tasks.delete(id);
      if (this.#tasks.size === 0) this.#rest();
    });
    worker.on('error', () => {
      if (this.#worker === worker) this.#giveUp();
    });
    return worker;
  }

  #rest(): void {
    clearTimeout(this.#linger);
    this.#linger = setTimeout(() => {
      const worker = this.#worker;
      this.#giveUp();
      void worker?.terminate();
    }, LINGER_MS).unref();
  }

  #giveUp(): void {
    this.#worker = undefined;
    const tasks = [...this.#tasks.values()];
    this.#tasks.clear();
    for (const task of tasks) task.resolve(false);
  }

  #remember(mark: string): void {
    if (this.#right.size >= MAX_REMEMBERED) {
      const [oldest] = this.#right;
      if (oldest !== undefined) this.#right.delete(oldest);
    }
    this.#right.add(mark);
  }
}
