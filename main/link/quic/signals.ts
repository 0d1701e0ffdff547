/**
 * How a direction of a stream is over (docs/link.md "The end of a stream").
 *
 * RESET_STREAM and STOP_SENDING are not used, nor an end without a byte, because of what quiche 0.18 does
 * with them: after a reset the connection's flow-control credit for what was not read, and in some orders the
 * stream itself, never come back, so that a link would die after some dozens of cancelled downloads; and an
 * end that carries no byte is not sent again when it was lost. Therefore
 *
 * - the last byte of each direction, sent with QUIC's FIN, says how it ended: whole, or given up;
 * - who gives a stream up also says so on its signal stream (one unidirectional stream a side, of 4-byte
 *   stream ids), because the other side may be writing and not reading. Both then drain what still comes.
 */
export const WHOLE = 0;
export const GIVEN_UP = 1;

const SIGNAL_BYTES = 4;

/** The given-up stream's id, below 2^32. */
export function encodeSignal(streamId: number): Buffer {
  const record = Buffer.allocUnsafe(SIGNAL_BYTES);
  record.writeUInt32BE(streamId);
  return record;
}

/** Cuts the peer's signal stream into stream ids, however its bytes are split. */
export class SignalParser {
  readonly #partial = Buffer.alloc(SIGNAL_BYTES);
  #filled = 0;

  push(bytes: Uint8Array, onGivenUp: (streamId: number) => void): void {
    for (const byte of bytes) {
      this.#partial[this.#filled] = byte;
      this.#filled += 1;
      if (this.#filled < SIGNAL_BYTES) continue;
      this.#filled = 0;
      onGivenUp(this.#partial.readUInt32BE());
    }
  }
}
