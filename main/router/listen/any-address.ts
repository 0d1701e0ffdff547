/** Listening on all addresses of a machine, of both families, and what addresses look like then. */
import type { ListenOptions, Server } from 'node:net';
import { networkInterfaces } from 'node:os';

/** IPv4 within IPv6 (RFC 4291, 2.5.5.2), as sockets for both families name it. */
const MAPPED = /^::ffff:(?=\d+\.)/i;

/**
 * Makes a server listen. As with nats-server, no host and `0.0.0.0` stand for IPv6 too where there is IPv6: that is
 * what Node does when it is given no host (and, unlike `::`, without 10 ms for an expression that knows addresses).
 * Rejects with what the system says.
 */
export function listenOn(server: Server, where: ListenOptions): Promise<void> {
  const { host = '', ...anywhere } = where;
  return listen(server, host === '' || host === '0.0.0.0' ? anywhere : where);
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

/** Whether a host, or the address of a listener, stands for all addresses. */
export function isAnyAddress(host: string): boolean {
  return host === '' || host === '0.0.0.0' || host === '::';
}

/**
 * URLs by which a listener is reached, as nats-server writes them: one that listens on all addresses is reached by
 * those of every interface.
 *
 * @param address that it is bound to
 */
export function urlsOf(scheme: string, address: string, port: number): string[] {
  return hostsOf(address).map((host) => `${scheme}://${hostAndPort(host, port)}`);
}

export function hostAndPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}

/** Addresses of this machine by which another one reaches a listener. */
export function outsideHosts(address: string): string[] {
  return isAnyAddress(address) ? interfaceAddresses((internal) => !internal) : [address];
}

function hostsOf(address: string): string[] {
  return isAnyAddress(address) ? interfaceAddresses(() => true) : [address];
}

function interfaceAddresses(wanted: (internal: boolean) => boolean): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal }) => wanted(internal))
    .map(({ address }) => address);
}

/** An address as people know it: `127.0.0.1`, also when it came as `::ffff:127.0.0.1`. */
export function plainAddress(address: string | undefined): string {
  return address?.replace(MAPPED, '') ?? '';
}
