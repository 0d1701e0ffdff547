/** One answer under way: once it has ended (by an error frame), what is left of it is dropped. */
export interface Answer {
  ended: boolean;
  /** Aborted when the reader may not have any more of it. */
  readonly cut: AbortSignal | undefined;
}

/** A whole frame, header included; `release` gives its buffer back. */
export interface OutFrame {
  readonly bytes: Uint8Array;
  readonly release?: () => void;
}

export interface OutItem {
  readonly answer: Answer;
  readonly frame: Promise<OutFrame>;
  /** Whether `frame` has settled. */
  ready: boolean;
}

/**
 * Frames of a stream in the order they go out, some of them still being read from disk: the read-ahead, and
 * its bound.
 */
export class Outbox {
  readonly #limit: number;
  readonly #items: OutItem[] = [];
  #closed = false;
  #broken: Error | undefined;
  #onItem: (() => void) | undefined;
  #onRoom: (() => void) | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Waits until a frame may be added. One waiter at a time. Throws once the outbox is broken. */
  async room(): Promise<void> {
    while (this.#items.length >= this.#limit && this.#broken === undefined) {
      await new Promise<void>((resolve) => (this.#onRoom = resolve));
    }
    if (this.#broken !== undefined) throw this.#broken;
  }

  add(answer: Answer, frame: Promise<OutFrame>): void {
    const item: OutItem = { answer, frame, ready: false };
    const settled = (): void => {
      item.ready = true;
    };
    frame.then(settled, settled);
    this.#items.push(item);
    this.#onItem?.();
  }

  /** Nothing more will be added. */
  close(): void {
    this.#closed = true;
    this.#onItem?.();
  }

  /** The next frame, or undefined if there is none now. It keeps its place until `shift`. */
  peek(): OutItem | undefined {
    return this.#items[0];
  }

  /** Waits for the next frame; undefined when there will be none. */
  async next(): Promise<OutItem | undefined> {
    while (this.#items.length === 0 && !this.#closed) {
      await new Promise<void>((resolve) => (this.#onItem = resolve));
    }
    return this.#items[0];
  }

  shift(): void {
    this.#items.shift();
    this.#onRoom?.();
  }

  /** Nothing goes out any more: gives up what is left; buffers go back when their reads are through. */
  break(error: Error): void {
    this.#broken ??= error;
    for (const { frame } of this.#items.splice(0)) {
      // A read that failed holds no buffer.
      frame.then(
        ({ release }) => release?.(),
        () => undefined,
      );
    }
    this.#onRoom?.();
    this.close();
  }
}
