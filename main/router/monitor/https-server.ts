/** HTTPS with the certificates of the client listener, which asks nobody for one in return. */
import type { ServerOptions } from 'node:http';
import type { Server } from 'node:https';
import { builtin } from '../../base/builtins.ts';
import { RouterError } from '../errors.ts';
import { tlsServerOptions } from '../listen/tls-context.ts';
import type { TlsOptions } from '../options.ts';

export interface RenewableServer {
  readonly server: Server;
  /** Takes up other certificates; open connections keep theirs. @throws RouterError 'router-config' */
  renew(tls: TlsOptions | undefined): void;
}

/** @throws RouterError 'router-config' */
export function createHttpsServer(
  limits: ServerOptions,
  tls: TlsOptions | undefined,
): RenewableServer {
  let current = settingsOf(tls);
  const server = builtin('node:https').createServer({
    ...limits,
    ...current,
    // Asked at each handshake, where one certificate among several is chosen.
    SNICallback(name, answer) {
      if (current.SNICallback === undefined) answer(null);
      else current.SNICallback(name, answer);
    },
  });
  return {
    server,
    renew(other) {
      const next = settingsOf(other);
      server.setSecureContext(next);
      current = next;
    },
  };
}

function settingsOf(tls: TlsOptions | undefined): ReturnType<typeof tlsServerOptions> {
  if (tls === undefined) {
    throw new RouterError('router-config', 'monitoring over HTTPS needs the TLS of the listener');
  }
  return tlsServerOptions({ ...tls, verify: false, verifyAndMap: false });
}
