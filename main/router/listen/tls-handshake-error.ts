/** What ended a handshake; the connection gets no line of it, as with nats-server. */
export class TlsHandshakeError extends Error {
  override readonly name = 'TlsHandshakeError';
}
