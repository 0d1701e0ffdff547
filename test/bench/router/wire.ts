/**
 * The raw NATS protocol as cheaply as Node allows, so that the generator is not what is measured: prepared
 * bytes out, counted bytes in.
 */
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

const shared = Buffer.allocUnsafeSlow(262_144);

export interface RawClient {
  readonly socket: Socket;
  /** Bytes received since the greeting was over. */
  received: number;
  /** Called with each read; the bytes are valid during the call only. */
  onBytes: ((bytes: Buffer) => void) | undefined;
}

export interface Login {
  readonly user?: string;
  readonly pass?: string;
}

/** Connects and waits for the PONG that says that everything before it has been handled. */
export async function rawClient(port: number, login: Login = {}): Promise<RawClient> {
  let greeting = '';
  let greeted: (() => void) | undefined;
  const ready = new Promise<void>((resolve) => (greeted = resolve));
  const client: { socket?: Socket; received: number; onBytes: RawClient['onBytes'] } = {
    received: 0,
    onBytes: undefined,
  };
  client.socket = connect({
    port,
    host: '127.0.0.1',
    onread: {
      buffer: shared,
      callback: (length) => {
        if (greeted !== undefined) {
          greeting += shared.toString('latin1', 0, length);
          if (greeting.includes('PONG\r\n')) {
            greeted();
            greeted = undefined;
          }
          return true;
        }
        client.received += length;
        client.onBytes?.(shared.subarray(0, length));
        return true;
      },
    },
  });
  client.socket.setNoDelay(true);
  await once(client.socket, 'connect');
  const connectOptions = { verbose: false, pedantic: false, headers: true, protocol: 1, ...login };
  client.socket.write(`CONNECT ${JSON.stringify(connectOptions)}\r\nPING\r\n`);
  await ready;
  return client as RawClient;
}

/** Sends lines and waits until the server has handled them. */
export async function handled(client: RawClient, lines: string): Promise<void> {
  const pong = new Promise<void>((resolve) => {
    let seen = '';
    client.onBytes = (bytes) => {
      seen = (seen + bytes.toString('latin1')).slice(-64);
      if (seen.includes('PONG\r\n')) resolve();
    };
  });
  client.socket.write(`${lines}PING\r\n`);
  await pong;
  client.onBytes = undefined;
  client.received = 0;
}

/** Writes `batch` `times` times, as fast as the socket takes it. */
export async function pour(client: RawClient, batch: Buffer, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    if (!client.socket.write(batch)) await once(client.socket, 'drain');
  }
}

/** Resolves when `bytes` have been received since `handled`. */
export async function receivedBytes(client: RawClient, bytes: number): Promise<void> {
  if (client.received >= bytes) return;
  await new Promise<void>((resolve) => {
    client.onBytes = () => {
      if (client.received >= bytes) resolve();
    };
  });
}
