/** A promise with a caller's signal on it; the signal is let go whichever way it settles. */
class Pending<Value> {
  readonly #resolve: (value: Value) => void;
  readonly #reject: (reason: Error) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: () => void;

  constructor(
    resolve: (value: Value) => void,
    reject: (reason: Error) => void,
    signal: AbortSignal | undefined,
    onAborted: () => void,
  ) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#signal = signal;
    this.#onAbort = () => {
      onAborted();
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  resolve(value: Value): void {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#resolve(value);
  }

  reject(reason: Error): void {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#reject(reason);
  }
}

/** A reader that waits for bytes. */
export class PendingRead extends Pending<number> {
  readonly target: Uint8Array;

  constructor(
    target: Uint8Array,
    resolve: (count: number) => void,
    reject: (reason: Error) => void,
    signal: AbortSignal | undefined,
    onAborted: () => void,
  ) {
    super(resolve, reject, signal, onAborted);
    this.target = target;
  }
}

/** A writer that waits for room. */
export class PendingWrite extends Pending<undefined> {
  readonly #bytes: Uint8Array;
  readonly #progress: { sent: number };

  /** @param onAborted told whether a part of the bytes has been sent already */
  constructor(
    bytes: Uint8Array,
    sent: number,
    resolve: (value: undefined) => void,
    reject: (reason: Error) => void,
    signal: AbortSignal | undefined,
    onAborted: (begun: boolean) => void,
  ) {
    const progress = { sent };
    super(resolve, reject, signal, () => onAborted(progress.sent > 0));
    this.#bytes = bytes;
    this.#progress = progress;
  }

  /** The next bytes to send, at most `limit`. */
  next(limit: number): Uint8Array {
    const { sent } = this.#progress;
    return this.#bytes.subarray(sent, sent + limit);
  }

  /** @returns true when all bytes are sent */
  advance(count: number): boolean {
    this.#progress.sent += count;
    return this.#progress.sent === this.#bytes.byteLength;
  }
}
