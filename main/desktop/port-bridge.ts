/**
 * A window's port and the peer thread's port, joined. Electron can send a port of its own kind to a page, Node one of
 * its own to a thread, and neither takes the other's: the main thread passes the texts on.
 */
import type { MessagePort } from 'node:worker_threads';
import type { MessagePortMain } from 'electron';

/** Passes texts both ways until either end closes; then both are closed. */
export function bridgePorts(page: MessagePortMain, thread: MessagePort): void {
  page.on('message', (event) => thread.postMessage(event.data));
  thread.on('message', (message: unknown) => page.postMessage(message));
  page.once('close', () => thread.close());
  thread.once('close', () => page.close());
  page.start();
  thread.start();
}
