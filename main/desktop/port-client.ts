import type { MessagePort } from 'node:worker_threads';
import { ClientConnection } from '../api/client-connection.ts';
import type { ApiClient } from '../api/contract.ts';

/** The shell's own way to the peer, over a port of its thread. */
export function connectPort(port: MessagePort): ApiClient {
  const connection = new ClientConnection({
    send: (text) => port.postMessage(text),
    end: () => port.close(),
  });
  port.on('message', (text: string) => connection.receive(text));
  port.once('close', () => connection.lost());
  return connection;
}
