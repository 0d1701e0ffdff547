/**
 * How a stream is given up (docs/link.md "Giving up a stream").
 *
 * QUIC's own RESET_STREAM and STOP_SENDING are not used: quiche 0.18 then never gives back the connection's
 * flow-control credit for what was not read, nor, in some orders, the stream itself, so that a link would
 * die after some dozens of cancelled downloads. Instead each side has one unidirectional stream of 5-byte
 * records, and both directions of a given-up stream are ended and drained in the ordinary way:
 * the side that gives up sends `abort`; the other ends its direction, answers `aborted`, and only after
 * that answer the first side ends its own, so that a cut is never taken for an end.
 */
export const SIGNAL_BYTES = 5;

export type Signal = 'abort' | 'aborted';

const CODES: Record<Signal, number> = { abort: 1, aborted: 2 };

export function encodeSignal(signal: Signal, streamId: number): Buffer {
  const record = Buffer.allocUnsafe(SIGNAL_BYTES);
  record[0] = CODES[signal];
  record.writeUInt32BE(streamId, 1);
  return record;
}

/** Cuts the peer's signal stream into records, however its bytes are split. */
export class SignalParser {
  readonly #partial = Buffer.alloc(SIGNAL_BYTES);
  #filled = 0;

  /** @returns false when the bytes are no signals: the link must be closed */
  push(bytes: Uint8Array, onSignal: (signal: Signal, streamId: number) => void): boolean {
    for (const byte of bytes) {
      this.#partial[this.#filled] = byte;
      this.#filled += 1;
      if (this.#filled < SIGNAL_BYTES) continue;
      this.#filled = 0;
      const code = this.#partial[0];
      if (code !== CODES.abort && code !== CODES.aborted) return false;
      onSignal(code === CODES.abort ? 'abort' : 'aborted', this.#partial.readUInt32BE(1));
    }
    return true;
  }
}
