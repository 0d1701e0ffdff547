/** Limits of an account that has changed, on the connections that are there already. */
import { ClientConnection } from '../connection/client-connection.ts';
import { texts } from '../protocol/texts.ts';
import type { Account } from './account.ts';

/**
 * @param strict the newest connections stay of those that are too many now, as for accounts of an operator;
 *        else they all stay, as after a reload
 */
export function enforceLimits(account: Account, strict: boolean): void {
  const { maxConnections = -1 } = account.options.limits ?? {};
  const clients = [...account.connections].filter((one) => one instanceof ClientConnection);
  for (const client of clients) client.applyLimits();
  if (!strict || maxConnections < 0 || account.connections.size <= maxConnections) return;
  clients.sort((a, b) => b.startedAt - a.startedAt || b.id - a.id);
  for (const client of clients.slice(maxConnections)) {
    client.fail(texts.maxAccountConnections, 'Maximum Account Connections Exceeded');
  }
}
