import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { QuickSend } from './quick-send.ts';

/** As much as systems usually give; a download's bursts must fit while this program does something else. */
const BUFFER_BYTES = 4 * 1024 * 1024;
const MAX_DATAGRAM = 65_507;
/** How often a full socket is looked at, ms. */
const DRAIN_POLL_MS = 1;

export interface UdpSocketOptions {
  readonly family: 4 | 6;
  readonly host: string;
  /** 0: any. */
  readonly port: number;
  readonly log: Log;
  readonly onDatagram: (datagram: Buffer, from: RemoteInfo, socket: UdpSocket) => void;
  /** The system took the socket away. */
  readonly onLost: (reason: Error) => void;
}

/** One bound UDP socket. */
export class UdpSocket {
  readonly #socket: Socket;
  readonly #waiting = new Set<() => void>();
  readonly #quick: QuickSend;
  #buffer = Buffer.allocUnsafeSlow(MAX_DATAGRAM);
  #drainTimer: NodeJS.Timeout | undefined;
  #open = true;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#quick = new QuickSend(socket);
  }

  /** Binds. Rejects with the system's error. */
  static async bind(options: UdpSocketOptions): Promise<UdpSocket> {
    const { family, host, port, log } = options;
    const socket = createSocket({
      type: family === 4 ? 'udp4' : 'udp6',
      ipv6Only: family === 6,
      // Only addresses are ever sent to: answering at once keeps `send` synchronous.
      lookup: (address, _options, callback) => callback(null, address, family),
    });
    const bound = Promise.withResolvers<undefined>();
    socket.once('error', bound.reject);
    socket.bind({ port, address: host, exclusive: true }, () => bound.resolve(undefined));
    try {
      await bound.promise;
    } catch (error) {
      socket.close();
      throw error;
    }
    socket.off('error', bound.reject);
    enlargeBuffers(socket, log);
    const self = new UdpSocket(socket);
    socket.on('message', (datagram, from) => options.onDatagram(datagram, from, self));
    socket.on('error', (error) => {
      if (!self.#open) return;
      void self.close();
      options.onLost(error);
    });
    return self;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /**
   * Sends `head ‖ body` as one datagram, copied; it may be lost.
   *
   * @returns false when the system's buffer is full: wait for `onceDrained`
   */
  send(head: Uint8Array, body: Uint8Array, host: string, port: number): boolean {
    if (!this.#open) return true;
    const length = head.length + body.length;
    this.#buffer.set(head, 0);
    this.#buffer.set(body, head.length);
    const sent = this.#quick.send(this.#buffer, length, port, host);
    if (sent === 'sent') return true;
    if (sent === 'not') {
      this.#socket.send(this.#buffer, 0, length, port, host);
      if (this.#socket.getSendQueueCount() === 0) return true;
    }
    // The system was full and Node keeps a view of the buffer until the datagram can go.
    this.#buffer = Buffer.allocUnsafeSlow(MAX_DATAGRAM);
    return false;
  }

  /** Calls back once, when `send` may be called again after false. */
  onceDrained(callback: () => void): void {
    this.#waiting.add(callback);
    this.#drainTimer ??= setInterval(() => this.#lookForRoom(), DRAIN_POLL_MS);
  }

  /** Idempotent. */
  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    clearInterval(this.#drainTimer);
    this.#waiting.clear();
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }

  #lookForRoom(): void {
    if (this.#socket.getSendQueueCount() > 0) return;
    clearInterval(this.#drainTimer);
    this.#drainTimer = undefined;
    const callbacks = [...this.#waiting];
    this.#waiting.clear();
    for (const callback of callbacks) callback();
  }
}

function enlargeBuffers(socket: Socket, log: Log): void {
  try {
    socket.setRecvBufferSize(BUFFER_BYTES);
    socket.setSendBufferSize(BUFFER_BYTES);
  } catch (error) {
    // macOS and BSD refuse what is above their limit; Linux and Windows take what they can.
    log.debug({ reason: messageOf(error) }, 'udp: the socket keeps its own buffer sizes');
  }
}
