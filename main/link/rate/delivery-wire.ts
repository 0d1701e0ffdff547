/**
 * What the two ends of a link tell each other about its datagrams, in QUIC DATAGRAM frames (RFC 9221), which may be
 * lost: the sender marks a place in what it sends, the receiver reports how much had come when the mark came
 * (docs/protocol.md "Delivery").
 */

export type DeliveryMessage =
  { readonly type: 'mark'; readonly mark: number } | ({ readonly type: 'report' } & Report);

export interface Report {
  /** The latest mark that has come. */
  readonly mark: number;
  /** Bytes of the link's QUIC datagrams that have come so far, modulo 2^48. */
  readonly receivedBytes: number;
  /** The receiver's clock then, whole microseconds modulo 2^32. */
  readonly atUs: number;
}

const MARK = 1;
const REPORT = 2;
const MARK_BYTES = 5;
const REPORT_BYTES = 15;
/** The largest of them, bytes. */
export const MAX_DELIVERY_MESSAGE = REPORT_BYTES;

/** @param mark 0 to 2^32 - 1 */
export function encodeMark(mark: number): Buffer {
  const bytes = Buffer.allocUnsafe(MARK_BYTES);
  bytes.writeUInt8(MARK);
  bytes.writeUInt32BE(mark, 1);
  return bytes;
}

export function encodeReport({ mark, receivedBytes, atUs }: Report): Buffer {
  const bytes = Buffer.allocUnsafe(REPORT_BYTES);
  bytes.writeUInt8(REPORT);
  bytes.writeUInt32BE(mark, 1);
  bytes.writeUIntBE(receivedBytes % 2 ** 48, 5, 6);
  bytes.writeUInt32BE(atUs % 2 ** 32, 11);
  return bytes;
}

/** Undefined: something else, which a newer version may have a use for. */
export function decodeDelivery(bytes: Uint8Array): DeliveryMessage | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length === MARK_BYTES && view[0] === MARK) {
    return { type: 'mark', mark: view.readUInt32BE(1) };
  }
  if (view.length === REPORT_BYTES && view[0] === REPORT) {
    return {
      type: 'report',
      mark: view.readUInt32BE(1),
      receivedBytes: view.readUIntBE(5, 6),
      atUs: view.readUInt32BE(11),
    };
  }
  return undefined;
}
