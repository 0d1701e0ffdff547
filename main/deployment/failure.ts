import { codeOf, messageOf } from '../base/errors.ts';
import { DeploymentError } from './errors.ts';

/** Codes of nats.js and Node that mean: this server does not want us as we are. */
const AUTHORIZATION = new Set([
  'AUTHORIZATION_VIOLATION',
  'AUTHENTICATION_EXPIRED',
  'ACCOUNT_EXPIRED',
  'AUTHENTICATION_TIMEOUT',
  'BAD_AUTHENTICATION',
]);
const UNREACHABLE = new Set([
  'CONNECTION_REFUSED',
  'CONNECTION_TIMEOUT',
  'TIMEOUT',
  'DISCONNECT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
]);

/** What went wrong with a server, as an error that people can act on. */
export function connectionFailure(server: string, error: unknown): DeploymentError {
  if (error instanceof DeploymentError) return error;
  const code = codeOf(error) ?? '';
  const cause = { cause: error };
  if (AUTHORIZATION.has(code)) {
    return new DeploymentError(
      'nats-authorization',
      code.endsWith('EXPIRED')
        ? `The credentials for ${server} have expired.`
        : `${server} refused the credentials of this peer.`,
      cause,
    );
  }
  if (code === 'BAD_CREDS') {
    return new DeploymentError(
      'nats-creds',
      `The credentials file for ${server} is no .creds file.`,
      cause,
    );
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new DeploymentError('nats-name', `The host name of ${server} is not known.`, cause);
  }
  if (isTls(code, error)) {
    return new DeploymentError(
      'nats-tls',
      `TLS with ${server} failed: ${messageOf(error)}.`,
      cause,
    );
  }
  if (UNREACHABLE.has(code) || error === undefined || isAggregate(error)) {
    return new DeploymentError('nats-unreachable', `${server} does not answer.`, cause);
  }
  return new DeploymentError(
    'nats-protocol',
    `${server} cannot be used: ${messageOf(error)}.`,
    cause,
  );
}

/** Happy eyeballs failed for every address: the first reason stands for all. */
function isAggregate(error: unknown): boolean {
  return error instanceof AggregateError && error.errors.length > 0;
}

function isTls(code: string, error: unknown): boolean {
  if (code === 'TLS' || code.startsWith('ERR_TLS') || code.startsWith('ERR_SSL')) return true;
  if (/^(CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_)/.test(code)) return true;
  // nats.js: the server offers no TLS where tls:// was asked for, or wants it first.
  return code === 'SERVER_OPT_NA' && /tls/i.test(messageOf(error));
}
