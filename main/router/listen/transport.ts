/** Byte streams as the router uses them: sockets, TLS, WebSockets, streams of links. */
import type { CloseReason } from '../connection/close-reason.ts';
import type { Slab } from '../connection/slab.ts';
import type { TlsFacts } from './tls-facts.ts';

export interface Transport {
  /** Once TLS has been agreed on. */
  readonly tls?: TlsFacts | undefined;
  /** The handshake came before INFO. */
  readonly tlsFirst?: boolean;
  /** IP address of the other end; empty where there is none. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Begins to read. Called once. */
  start(sink: TransportSink): void;
  /**
   * Sends bytes.
   *
   * @returns true when they are out of these bytes already, which may be used again; false when the bytes
   *          belong to the transport until it calls `written`
   */
  write(bytes: Uint8Array): boolean;
  /** Sends several pieces in one go; the answer is for all of them. */
  writeAll(pieces: readonly Uint8Array[]): boolean;
  pause(): void;
  resume(): void;
  /** Closes after what was written has gone out; where the other end can be told why, it is. */
  end(reason?: CloseReason): void;
  /** Closes now. */
  destroy(): void;
}

export interface TransportSink {
  /** Bytes `at` to `end` of the slab, valid during the call only. */
  read(slab: Slab, at: number, end: number): void;
  /** What the last write that answered false was given has gone out. */
  written(): void;
  /** Nothing comes or goes any more; called once. */
  ended(error: Error | undefined): void;
}
