import { STATUS_CODES, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Why a request is not served: a status and one sentence. Nobody is refused in silence. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;

  constructor(status: number, sentence: string, headers: OutgoingHttpHeaders = {}) {
    super(sentence);
    this.status = status;
    this.headers = headers;
  }
}

/** Answers an HTTP request; the response has its common headers already. */
export function answerRefusal(response: ServerResponse, refusal: Refusal): void {
  response.writeHead(refusal.status, { ...plainText(refusal), ...refusal.headers });
  response.end(`${refusal.message}\n`);
}

/** Answers on a bare connection (an upgrade, or bytes that are no HTTP) and ends it. */
export function answerRefusalRaw(socket: Duplex, refusal: Refusal): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const head = Object.entries({ ...plainText(refusal), ...refusal.headers, Connection: 'close' });
  const status = `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? 'Refused'}`;
  const lines = [status, ...head.map(([name, value]) => `${name}: ${String(value)}`)];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${refusal.message}\n`, () => socket.destroy());
}

function plainText(refusal: Refusal): Record<string, string> {
  return {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(refusal.message) + 1),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  };
}
