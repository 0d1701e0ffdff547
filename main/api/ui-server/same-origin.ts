import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.ts';

/**
 * Refuses a request that was not addressed to this machine by a loopback name: a page of a foreign site
 * whose name was rebound to 127.0.0.1 sends its own name as Host.
 *
 * @param port the port that the server listens on
 * @throws Refusal 403
 */
export function checkHost(request: IncomingMessage, port: number): void {
  const given = request.headersDistinct['host'] ?? [];
  if (given.length !== 1 || !hosts(port).includes(given[0] ?? '')) {
    const names = hosts(port).join(', ');
    throw new Refusal(403, `This server answers only to the host names ${names}.`);
  }
}

/**
 * Refuses a request that a page of another origin makes. A browser always sends Origin with a POST and a
 * WebSocket; only a plain request of another program may leave it out.
 *
 * @param options.required whether a request without Origin is refused too
 * @throws Refusal 403
 */
export function checkOrigin(request: IncomingMessage, options: { required: boolean }): void {
  const given = request.headersDistinct['origin'] ?? [];
  if (given.length === 0 && !options.required) return;
  if (given.length === 0) throw new Refusal(403, 'A WebSocket needs the Origin of the page.');
  if (given.length !== 1 || given[0] !== `http://${request.headers.host ?? ''}`) {
    throw new Refusal(403, 'Pages of other origins may not use this server.');
  }
}

/** The Host headers that this server answers to; a browser leaves the default port out. */
function hosts(port: number): string[] {
  const suffix = port === 80 ? '' : `:${port}`;
  return ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}${suffix}`);
}
