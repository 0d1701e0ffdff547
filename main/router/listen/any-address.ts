/** Listening on all addresses of a machine, of both families, and what addresses look like then. */
import type { ListenOptions, Server } from 'node:net';
import { codeOf } from '../../base/errors.ts';

/** IPv4 within IPv6 (RFC 4291, 2.5.5.2), as sockets for both families name it. */
const MAPPED = /^::ffff:(?=\d+\.)/i;
/** There is no IPv6 on this machine. */
const NO_IPV6 = ['EAFNOSUPPORT', 'EADDRNOTAVAIL'];

/**
 * Makes a server listen. As with nats-server, no host and `0.0.0.0` stand for IPv6 too where there is IPv6.
 * Rejects with what the system says.
 */
export async function listenOn(server: Server, where: ListenOptions): Promise<void> {
  const { host = '', path } = where;
  if (path !== undefined || (host !== '' && host !== '0.0.0.0')) return listen(server, where);
  try {
    await listen(server, { ...where, host: '::' });
  } catch (error) {
    if (!NO_IPV6.includes(codeOf(error) ?? '')) throw error;
    await listen(server, { ...where, host: '0.0.0.0' });
  }
}

function listen(server: Server, where: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const listening = (): void => {
      server.off('error', failed);
      resolve();
    };
    const failed = (error: Error): void => {
      server.off('listening', listening);
      reject(error);
    };
    server.once('listening', listening);
    server.once('error', failed);
    server.listen(where);
  });
}

/** An address as people know it: `127.0.0.1`, also when it came as `::ffff:127.0.0.1`. */
export function plainAddress(address: string | undefined): string {
  return address?.replace(MAPPED, '') ?? '';
}
