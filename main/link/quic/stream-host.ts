/** What the halves of a stream need of its connection; `Waiter` is the stream's half. */
export interface StreamHost {
  /** Bytes, and whether they are the last; null: nothing there. Throws when QUIC itself reset the stream. */
  receive(id: number, target: Uint8Array): readonly [number, boolean] | null;
  /** How many bytes went into the send window. Throws when QUIC itself stopped the stream. */
  send(id: number, bytes: Uint8Array, fin: boolean): number;
  /** The window of a stream that is read fast should be wider, once it moves. */
  widen(): void;
  /** Calls `onBytes` when there may be bytes, until it is cancelled. */
  awaitBytes(reader: Reader): void;
  cancelBytes(reader: Reader): void;
  /** Calls `onRoom` when there may be room, until it is cancelled. */
  awaitRoom(writer: Writer): void;
  cancelRoom(writer: Writer): void;
  /** Whether others wait for room: then one must queue up behind them. */
  hasWaitingWriters(): boolean;
}

export interface Reader {
  onBytes(): void;
}

export interface Writer {
  /** Puts at most about `limit` bytes into the send window; returns how many went. */
  onRoom(limit: number): number;
}
