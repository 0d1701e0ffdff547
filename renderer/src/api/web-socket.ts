import type { Transport } from './transport.ts';

/** Opens the contract's WebSocket; rejects when it cannot be opened or the signal aborts first. */
export function openWebSocket(url: string, signal: AbortSignal): Promise<Transport> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    const transport: Transport = {
      send: (text) => socket.send(text),
      close: () => socket.close(),
      onText: null,
      onClose: null,
    };
    const onAbort = () => socket.close();
    signal.addEventListener('abort', onAbort, { once: true });
    socket.onopen = () => {
      signal.removeEventListener('abort', onAbort);
      resolve(transport);
    };
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (typeof event.data === 'string') transport.onText?.(event.data);
    };
    // `error` says nothing that `close`, which always follows, does not say.
    socket.onclose = () => {
      signal.removeEventListener('abort', onAbort);
      reject(new Error('The peer refused the connection.'));
      transport.onClose?.();
    };
  });
}
