/**
 * The worker thread that hosts the peer of the desktop app, so that a transfer never freezes tray, menus or windows.
 * It knows nothing of Electron: it takes three messages and serves the API on the ports it is given.
 */
import { parentPort, type MessagePort } from 'node:worker_threads';
import type { ErrorInfo } from './api/contract.ts';
import { apiErrors, toErrorInfo } from './api/errors.ts';
import { serveMessagePort } from './api/transports/message-port-server.ts';
import { messageOf } from './base/errors.ts';
import { createLog } from './base/log.ts';
import { hostPeer, type HostedPeer } from './hosting.ts';
import type { Protection } from './identity/key-file/protection.ts';

/** What a peer in this thread is started with. */
export interface ThreadOptions {
  /** Absolute. */
  readonly home: string;
  readonly protection: Protection;
}

export type ToThread =
  | { readonly kind: 'start'; readonly options: ThreadOptions }
  /** Serve the API on this port; the peer runs. */
  | { readonly kind: 'connect'; readonly port: MessagePort }
  /** Stop the peer; the thread ends when it has. */
  | { readonly kind: 'stop' };

export type FromThread =
  | { readonly kind: 'started' }
  /** The peer did not start, and has left nothing behind. */
  | { readonly kind: 'failed'; readonly error: ErrorInfo }
  /** A client of the API asked the peer to stop. */
  | { readonly kind: 'stop-requested' };

if (parentPort === null) throw new Error('The peer thread runs as a worker thread only.');
const shell = parentPort;
const log = createLog('info');
let starting: Promise<HostedPeer | undefined> = Promise.resolve(undefined);

const say = (message: FromThread): void => shell.postMessage(message);

async function start({ home, protection }: ThreadOptions): Promise<HostedPeer | undefined> {
  try {
    const hosted = await hostPeer(
      { home, protection, log },
      {
        uiAddress: () => null,
        mintUiAddress: () => null,
        requestStop: () => say({ kind: 'stop-requested' }),
      },
    );
    // Electron's file system shows each file that is called .asar as a folder; a peer takes files as they are. From
    // here on, because the app's own code is in such an archive and is loaded by now.
    process.noAsar = true;
    say({ kind: 'started' });
    return hosted;
  } catch (error) {
    const { hint } = apiErrors.internal;
    say({
      kind: 'failed',
      error: toErrorInfo(error) ?? { code: 'internal', message: messageOf(error), hint },
    });
    return undefined;
  } finally {
    if (protection.kind === 'os') protection.key.fill(0);
  }
}

async function connect(port: MessagePort): Promise<void> {
  const hosted = await starting;
  if (hosted === undefined) port.close();
  else serveMessagePort({ port, peer: hosted.api, log });
}

async function stop(): Promise<void> {
  const hosted = await starting;
  await hosted?.stop();
  // Ends this thread alone, with the ports it serves.
  process.exit(0);
}

shell.on('message', (message: ToThread) => {
  if (message.kind === 'start') starting = start(message.options);
  // Neither is caught: what goes wrong here ends the thread, and the shell tells why.
  else if (message.kind === 'connect') void connect(message.port);
  else void stop();
});
