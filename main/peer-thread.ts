/**
 * The worker thread that hosts the peer of the desktop app, so that a transfer never freezes tray, menus or windows.
 * It knows nothing of Electron: it takes three messages and serves the API on the ports it is given.
 */
import type { MessagePort } from 'node:worker_threads';
import type { ErrorInfo } from './api/contract.ts';
import type { Protection } from './identity/key-file/protection.ts';

/** What a peer in this thread is started with. */
export interface ThreadOptions {
  readonly home: string;
  readonly protection: Protection;
}

export type ToThread =
  | { readonly kind: 'start'; readonly options: ThreadOptions }
  /** Serve the API on this port, from when the peer runs. */
  | { readonly kind: 'connect'; readonly port: MessagePort }
  /** Stop the peer; the thread ends when it has. */
  | { readonly kind: 'stop' };

export type FromThread =
  | { readonly kind: 'started' }
  /** The peer did not start; the thread ends. */
  | { readonly kind: 'failed'; readonly error: ErrorInfo }
  /** A client of the API asked the peer to stop. */
  | { readonly kind: 'stop-requested' };
