import type { Log } from '../../base/log.ts';
import type { ApiPeer } from '../contract.ts';
import { ApiError } from '../errors.ts';
import { ApiSession } from '../session.ts';

/**
 * What a `MessagePort` of `node:worker_threads` and a `MessagePortMain` of Electron have in common. The
 * first hands over the value that was posted, the second an event with the value as `data`.
 */
export interface ServerPort {
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  postMessage(message: string): void;
  start(): void;
  close(): void;
}

/**
 * Serves the API on one message port, one JSON text a message. A port has no back pressure: its other end
 * is the program's own window.
 *
 * @returns the end of serving: aborts what runs and closes the port
 */
export function serveMessagePort(options: {
  port: ServerPort;
  peer: ApiPeer;
  log: Log;
}): () => void {
  const { port, peer, log } = options;
  const session = new ApiSession({
    peer,
    log,
    outlet: {
      send(text) {
        port.postMessage(text);
        return true;
      },
      end: () => port.close(),
    },
  });
  port.on('message', (message) => {
    const text = textOf(message);
    if (text === undefined) session.fail(new ApiError('bad-message', 'A message is not a text.'));
    else session.receive(text);
  });
  port.on('close', () => session.close());
  port.start();
  return () => {
    session.close();
    port.close();
  };
}

function textOf(message: unknown): string | undefined {
  if (typeof message === 'string') return message;
  if (typeof message !== 'object' || message === null || !('data' in message)) return undefined;
  return typeof message.data === 'string' ? message.data : undefined;
}
