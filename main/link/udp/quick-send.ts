/**
 * Datagrams by the system's own handle of a socket. `Socket.send` of `node:dgram` makes six objects for each one,
 * which costs a twentieth of what can be sent (docs/link.md "UDP"). The handle is not part of Node's documented
 * interface: when it is not what is expected, `send` says that it cannot, and the documented way is left.
 */
import type { Socket } from 'node:dgram';

/** What `Socket.send` keeps for a datagram that the system does not take at once. */
type Request = object;

interface Handle {
  /** @returns sent at once: its length and one; 0: it will be sent; below: an error */
  send(
    request: Request,
    pieces: readonly Uint8Array[],
    count: number,
    port: number,
    address: string,
    hasCallback: boolean,
  ): number;
}

/** `queued`: the system keeps the buffer until there is room; `not`: use `Socket.send`. */
export type Sent = 'sent' | 'queued' | 'not';

/** Lengths of datagrams whose views are kept: those of full packets on a few paths, and some. */
const VIEWS = 64;

export class QuickSend {
  readonly #socket: Socket;
  #handle: Handle | undefined;
  /** Used for one datagram after the other, as long as each is sent at once. */
  #request: Request | undefined;
  #isBroken = false;
  readonly #views = new Map<number, Buffer>();
  #viewed: Buffer | undefined;
  readonly #pieces: Buffer[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /**
   * Sends the first bytes of the buffer.
   *
   * @param address an IP address of the socket's family
   */
  send(buffer: Buffer, length: number, port: number, address: string): Sent {
    const request = this.#request;
    const handle = this.#handle;
    if (request === undefined || handle === undefined) {
      this.#prepare();
      return 'not';
    }
    this.#pieces[0] = this.#viewOf(buffer, length);
    const sent = handle.send(request, this.#pieces, 1, port, address, false);
    // An error is that of a datagram: unreachable, too large, not permitted. It is lost, as on any way.
    if (sent !== 0) return 'sent';
    this.#request = undefined;
    this.#views.clear();
    return 'queued';
  }

  /** A view lasts as long as its buffer. */
  #viewOf(buffer: Buffer, length: number): Buffer {
    if (this.#viewed !== buffer || this.#views.size > VIEWS) {
      this.#views.clear();
      this.#viewed = buffer;
    }
    let view = this.#views.get(length);
    if (view === undefined) this.#views.set(length, (view = buffer.subarray(0, length)));
    return view;
  }

  /** The next datagram of `Socket.send` brings a request, which only it can make. */
  #prepare(): void {
    if (this.#isBroken) return;
    const handle = (this.#handle ??= handleOf(this.#socket));
    if (handle === undefined) {
      this.#isBroken = true;
      return;
    }
    const { send } = handle;
    handle.send = (request, ...others) => {
      // For IPv6 it stands on the handle itself, beside the one for IPv4.
      handle.send = send;
      const sent = send.call(handle, request, ...others);
      if (sent > 0) this.#request = request;
      return sent;
    };
  }
}

function handleOf(socket: Socket): Handle | undefined {
  const symbol = Object.getOwnPropertySymbols(socket).find(
    ({ description }) => description === 'state symbol',
  );
  if (symbol === undefined) return undefined;
  const state = (socket as unknown as Record<symbol, { handle?: Partial<Handle> } | undefined>)[
    symbol
  ];
  const handle = state?.handle;
  return typeof handle?.send === 'function' ? (handle as Handle) : undefined;
}
