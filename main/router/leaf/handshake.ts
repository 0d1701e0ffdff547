/** What happens between a connection's first byte and its joining an account: one way for each side. */
export interface Handshake {
  begin(): void;
  /** The arguments are valid during the call only. */
  connect(argument: Buffer): void;
  info(argument: Buffer): void;
  /** An operation came where only CONNECT may. */
  beforeConnect(): void;
  /** The connection will be taken up again only after so long, when this side takes it up at all; ms. */
  postpone(delay: number): void;
  /** The connection has ended. */
  end(): void;
}
