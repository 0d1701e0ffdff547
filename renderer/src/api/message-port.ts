import type { Desktop } from './desktop.ts';
import type { Transport } from './transport.ts';

/** Takes a port to the peer from the desktop app. Messages are the same JSON texts as on the WebSocket. */
export async function openPort(desktop: Desktop): Promise<Transport> {
  const port = await desktop.port();
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
  // Sent by Chromium when the other end is closed or its process or worker is gone.
  port.addEventListener('close', ended);
  port.start();
  return transport;
}
