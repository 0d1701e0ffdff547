import type { Desktop } from './desktop.ts';
import type { Transport } from './transport.ts';

/** Takes a port to the peer from the desktop app. Messages are the same JSON texts as on the WebSocket. */
export async function openPort(desktop: Desktop, signal: AbortSignal): Promise<Transport> {
  const port = await receivePort(desktop, signal);
  let open = true;
  const transport: Transport = {
    send: (text) => port.postMessage(text),
    close: () => {
      port.close();
      ended();
    },
    onText: null,
    onClose: null,
  };
  function ended(): void {
    if (!open) return;
    open = false;
    transport.onClose?.();
  }
  port.addEventListener('message', (event: MessageEvent<unknown>) => {
    if (typeof event.data === 'string') transport.onText?.(event.data);
  });
  // Electron's own event (docs/api/message-ports): the other end was closed, or its process is gone.
  port.addEventListener('close', ended);
  port.start();
  return transport;
}

/** A port cannot pass Electron's context bridge as a result, so it comes as a message of this window. */
function receivePort(desktop: Desktop, signal: AbortSignal): Promise<MessagePort> {
  const { promise, resolve, reject } = Promise.withResolvers<MessagePort>();
  const done = new AbortController();
  window.addEventListener(
    'message',
    (event: MessageEvent<unknown>) => {
      const [port] = event.ports;
      if (event.source !== window || event.data !== 'skerry-port' || port === undefined) return;
      resolve(port);
    },
    { signal: done.signal },
  );
  signal.addEventListener('abort', () => reject(signal.reason), {
    once: true,
    signal: done.signal,
  });
  desktop.requestPort().catch(reject);
  return promise.finally(() => done.abort());
}
