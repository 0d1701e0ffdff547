/** What a change of an account means for the connections that are there already. */
import { messageOf } from '../../base/errors.ts';
import { ClientConnection } from '../connection/client-connection.ts';
import type { RouterLog } from '../log.ts';
import { texts } from '../protocol/texts.ts';
import type { Account } from './account.ts';

/** Its payload and subscription limits hold from now on; everybody may stay, as after a reload. */
export function applyLimits(account: Account): void {
  for (const client of clientsOf(account)) client.applyLimits();
}

/**
 * The account of an operator has a new JWT: its users may be revoked or may do something else now, and of too
 * many connections the newest stay.
 */
export function applyClaims(account: Account, log: RouterLog): void {
  const { maxConnections = -1 } = account.options.limits ?? {};
  const clients = clientsOf(account);
  if (maxConnections >= 0 && account.connections.size > maxConnections) {
    clients.sort((a, b) => b.startedAt - a.startedAt || b.id - a.id);
    for (const client of clients.splice(maxConnections)) {
      client.fail(texts.maxAccountConnections, 'Maximum Account Connections Exceeded');
    }
  }
  for (const client of clients) {
    client.applyLimits();
    client.recheck().catch((error: unknown) => log.error(messageOf(error)));
  }
}

/** The account of an operator is there no more. */
export function endAccount(account: Account): void {
  for (const client of clientsOf(account)) {
    client.fail(texts.accountExpired, 'Authentication Expired');
  }
}

function clientsOf(account: Account): ClientConnection[] {
  return [...account.connections].filter((one) => one instanceof ClientConnection);
}
