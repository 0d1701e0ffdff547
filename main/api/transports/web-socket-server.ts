import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import type { Log } from '../../base/log.ts';
import type { ApiPeer } from '../contract.ts';
import { ApiError } from '../errors.ts';
import { HIGH_WATER_BYTES, MAX_MESSAGE_BYTES } from '../limits.ts';
import { ApiSession } from '../session.ts';

/** A page that answers no ping between two of these is gone. */
const HEARTBEAT_MS = 30_000;

/** How long a page has to answer the close of the connection. */
const CLOSE_GRACE_MS = 1_000;

/** Close codes of RFC 6455, section 7.4.1. */
const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;

export interface WebSocketTransport {
  /** Connections that are open. */
  readonly size: number;
  /** Finishes the handshake of a request that the caller has let in, and serves the API on it. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Closes all connections; those that do not answer are cut. */
  close(): Promise<void>;
}

/**
 * Serves the API on WebSockets, one JSON text a message. Who may connect is the caller's to decide before
 * `accept`: this part has no port of its own.
 */
export function createWebSocketTransport(options: {
  peer: ApiPeer;
  log: Log;
  heartbeatMs?: number;
}): WebSocketTransport {
  const { peer, log, heartbeatMs = HEARTBEAT_MS } = options;
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: true,
    perMessageDeflate: false,
    // The session answers a message over its limit with a sentence; past this the frame is not even read.
    maxPayload: 2 * MAX_MESSAGE_BYTES,
  });
  const answered = new WeakSet<WebSocket>();
  const heartbeat = setInterval(() => {
    for (const socket of server.clients) {
      if (!answered.delete(socket)) socket.terminate();
      else socket.ping();
    }
  }, heartbeatMs);

  return {
    get size() {
      return server.clients.size;
    },
    accept(request, socket, head) {
      server.handleUpgrade(request, socket, head, (client) => {
        answered.add(client);
        client.on('pong', () => answered.add(client));
        serveWebSocket(client, peer, log);
      });
    },
    async close() {
      clearInterval(heartbeat);
      const gone = [...server.clients].map(
        (client) => new Promise<void>((resolve) => client.once('close', () => resolve())),
      );
      for (const client of server.clients) client.close(GOING_AWAY, 'the peer stops');
      const cut = setTimeout(() => {
        for (const client of server.clients) client.terminate();
      }, CLOSE_GRACE_MS);
      await Promise.all(gone);
      clearTimeout(cut);
      server.close();
    },
  };
}

function serveWebSocket(socket: WebSocket, peer: ApiPeer, log: Log): void {
  let congested = false;
  const session = new ApiSession({
    peer,
    log,
    outlet: {
      send(text) {
        if (socket.readyState !== socket.OPEN) return true;
        socket.send(text, onSent);
        congested = socket.bufferedAmount > HIGH_WATER_BYTES;
        if (congested) socket.pause();
        return !congested;
      },
      end: () => socket.close(POLICY_VIOLATION),
    },
  });
  /** Nothing is sent while congested, so the last message's callback means that all of it is out. */
  function onSent(): void {
    if (!congested || socket.bufferedAmount > 0) return;
    congested = false;
    socket.resume();
    session.drained();
  }
  socket.on('message', (data: RawData, isBinary: boolean) => {
    if (!isBinary) session.receive(data.toString());
    else session.fail(new ApiError('bad-message', 'A message is binary; the API takes text.'));
  });
  socket.on('error', (error) => log.debug({ err: error }, 'a page broke its connection'));
  socket.once('close', () => session.close());
}
