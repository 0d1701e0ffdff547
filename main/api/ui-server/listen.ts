import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { codeOf, messageOf } from '../../base/errors.ts';
import { ApiError } from '../errors.ts';

/** The only address the UI is ever served on. */
export const LOOPBACK = '127.0.0.1';

/**
 * Listens on loopback.
 *
 * @param port 0: a free one
 * @returns the port
 * @throws ApiError `ui-port-in-use`, `ui-port-refused`
 */
export function listenOnLoopback(server: Server, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const fail = (error: Error): void => reject(explainListen(error, port));
  server.once('error', fail);
  server.listen({ host: LOOPBACK, port, exclusive: true }, () => {
    server.off('error', fail);
    resolve((server.address() as AddressInfo).port);
  });
  return promise;
}

function explainListen(error: Error, port: number): ApiError {
  if (codeOf(error) === 'EADDRINUSE') {
    const message = `Port ${port} of ${LOOPBACK} is taken by another program.`;
    return new ApiError('ui-port-in-use', message, { cause: error });
  }
  const message = `The UI cannot listen on port ${port} of ${LOOPBACK}: ${messageOf(error)}.`;
  return new ApiError('ui-port-refused', message, { cause: error });
}
