/** How this page reaches the peer: a port in the desktop app, otherwise the session and the WebSocket. */
import { desktop } from './desktop.ts';
import { openPort } from './message-port.ts';
import { exchangeToken, hasSession, takeToken } from './session.ts';
import { NoSession, type Dial } from './transport.ts';
import { openWebSocket } from './web-socket.ts';

/** Chosen once: a page never changes its host. */
export function chooseDial(): Dial {
  const host = desktop();
  return host === undefined ? serverDial() : (signal) => openPort(host, signal);
}

function serverDial(): Dial {
  // Kept until the peer has answered, so that an unreachable peer does not cost the token.
  let token: string | undefined;
  return async (signal) => {
    token = takeToken(window.location, window.history) ?? token;
    const exchanged = token !== undefined && (await exchangeToken(token, signal));
    token = undefined;
    if (!exchanged && !(await hasSession(signal))) throw new NoSession();
    const url = new URL('/api', window.location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    url.hash = '';
    return openWebSocket(url.href, signal);
  };
}
