/** Local programs behind services, and what connects to forwards: plain sockets. */
import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A TCP server on loopback that is closed, with its connections, by `close`. */
export class Program implements AsyncDisposable {
  readonly sockets: Socket[] = [];
  readonly #server: Server;

  private constructor(onSocket: (socket: Socket) => void) {
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.sockets.push(socket);
      socket.on('error', () => undefined);
      onSocket(socket);
    });
  }

  /** @param where a port of loopback, or the path of a Unix socket */
  static async start(
    onSocket: (socket: Socket) => void,
    where: number | string = 0,
  ): Promise<Program> {
    const program = new Program(onSocket);
    if (typeof where === 'string') program.#server.listen(where);
    else program.#server.listen(where, '127.0.0.1');
    await once(program.#server, 'listening');
    return program;
  }

  get target(): string {
    const address = this.#server.address();
    if (typeof address === 'string') return `unix:${address}`;
    return `127.0.0.1:${(address as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Connects to `host:port` or `unix:/path`. The connection does not close by itself when the other side ends. */
export async function dial(address: string): Promise<Socket> {
  const path = address.startsWith('unix:') ? address.slice(5) : undefined;
  const socket =
    path === undefined
      ? connect({
          host: '127.0.0.1',
          port: Number(address.split(':').at(-1)),
          allowHalfOpen: true,
        })
      : connect({ path, allowHalfOpen: true });
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  return socket;
}

/** Everything until the end of the other direction. Rejects when the connection breaks. */
export async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await ended(socket);
  return Buffer.concat(chunks);
}

/** SHA-256 of everything until the end, and how much it was. */
export async function digestAll(socket: Socket): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    bytes += chunk.length;
  });
  await ended(socket);
  return { sha256: hash.digest('hex'), bytes };
}

/** Resolves at the other side's end, rejects with the error or when it closes without one. */
export function ended(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('end', resolve);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed without an end')));
  });
}

/** The code with which a connection ends: of its error, or `end` for an orderly one. */
export function fate(socket: Socket): Promise<string> {
  socket.resume();
  return ended(socket).then(
    () => 'end',
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );
}

/** Writes `bytes` bytes that depend on `seed`, minding back pressure, then ends. Returns their SHA-256. */
export async function pour(socket: Socket, bytes: number, seed: number): Promise<string> {
  const hash: Hash = createHash('sha256');
  const block = Buffer.alloc(256 * 1024);
  for (let at = 0, n = 0; at < bytes; n += 1) {
    // A fresh block each time: the socket may still hold the one before.
    const piece = Buffer.from(block.subarray(0, Math.min(block.length, bytes - at)));
    piece.fill((seed + n) & 0xff);
    if (piece.length >= 8) piece.writeUInt32BE(n, 0);
    hash.update(piece);
    if (!socket.write(piece)) await once(socket, 'drain');
    at += piece.length;
  }
  socket.end();
  return hash.digest('hex');
}

/** A port of loopback on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
