/** Offset and size of the total length in an IPv4 header (RFC 791, section 3.1), and the least of a header. */
const LENGTH_AT = 2;
const HEADER_BYTES = 20;

/** Cuts a byte stream of IPv4 packets, one after the other, into packets, however the bytes are split. */
export class IpPacketParser {
  #rest: Buffer = Buffer.alloc(0);

  /** @param onPacket gets views that stay valid */
  push(chunk: Buffer, onPacket: (packet: Buffer) => void): void {
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let start = 0;
    while (data.length - start >= HEADER_BYTES) {
      const length = data.readUInt16BE(start + LENGTH_AT);
      if (length < HEADER_BYTES) throw new Error('this is no IPv4 packet');
      if (start + length > data.length) break;
      onPacket(data.subarray(start, start + length));
      start += length;
    }
    this.#rest = data.subarray(start);
  }
}
