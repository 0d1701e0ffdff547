import { createSocket, type Socket } from 'node:dgram';

/** A middle box on loopback: what it gets it passes on, from a port of its own, and the answers back. */
export class UdpRelay {
  /** Which datagrams to the server get through; called for each. */
  filter: (datagram: Buffer) => boolean = () => true;
  /** How often each is passed on. */
  copies = 1;
  readonly #front: Socket;
  readonly #serverPort: number;
  #back: Socket;
  #client: number | undefined;

  private constructor(front: Socket, back: Socket, serverPort: number) {
    this.#front = front;
    this.#back = back;
    this.#serverPort = serverPort;
    front.on('message', (datagram, from) => {
      this.#client = from.port;
      if (!this.filter(datagram)) return;
      for (let copy = 0; copy < this.copies; copy += 1)
        this.#back.send(datagram, serverPort, '127.0.0.1');
    });
    this.#listen(back);
  }

  static async create(serverPort: number): Promise<UdpRelay> {
    return new UdpRelay(await bind(), await bind(), serverPort);
  }

  /** Where clients send to. */
  get port(): number {
    return this.#front.address().port;
  }

  /** Where the server hears from. */
  get outerPort(): number {
    return this.#back.address().port;
  }

  /** What a NAT does that forgets: from now on the server hears from another port. */
  async rebind(): Promise<void> {
    const old = this.#back;
    this.#back = await bind();
    this.#listen(this.#back);
    await closed(old);
  }

  /** Sends from the relay's port what no client sent. */
  inject(datagram: Uint8Array): void {
    this.#back.send(datagram, this.#serverPort, '127.0.0.1');
  }

  async close(): Promise<void> {
    await Promise.all([closed(this.#front), closed(this.#back)]);
  }

  #listen(back: Socket): void {
    back.on('message', (datagram) => {
      if (this.#client !== undefined) this.#front.send(datagram, this.#client, '127.0.0.1');
    });
  }
}

async function bind(): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket;
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.close(resolve));
}
