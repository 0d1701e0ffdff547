/** What a change of an account means for the connections that are there already. */
import type { Admission } from '../auth/types.ts';
import { ClientConnection } from '../connection/client-connection.ts';
import { endWhenFull } from '../connection/subscription-limit.ts';
import type { Recheck } from '../jwt/operator-authenticator.ts';
import { LeafConnection } from '../leaf/leaf-connection.ts';
import { texts } from '../protocol/texts.ts';
import type { Account } from './account.ts';

/** Its payload and subscription limits hold from now on; everybody may stay, as after a reload. */
export function applyLimits(account: Account): void {
  for (const one of account.connections) if (one instanceof ClientConnection) one.applyLimits();
}

/**
 * The account of an operator has a new JWT: of too many connections the newest stay, and each of those stays
 * as what the JWT now makes of it, or goes.
 */
export function applyClaims(account: Account, recheck: (admission: Admission) => Recheck): void {
  const connections = admitted(account);
  const { maxConnections = -1 } = account.options.limits ?? {};
  if (maxConnections >= 0 && connections.length > maxConnections) {
    connections.sort((a, b) => b.startedAt - a.startedAt || b.id - a.id);
    for (const one of connections.splice(maxConnections)) {
      one.fail(texts.maxAccountConnections, 'Maximum Account Connections Exceeded');
    }
  }
  for (const one of connections) {
    if (one.admission === undefined) continue;
    const verdict = recheck(one.admission);
    if ('stay' in verdict) {
      if (one instanceof ClientConnection && one.admit(verdict.stay, true)) endWhenFull(one);
    } else if (verdict.end === undefined) {
      one.close('Authentication Failure');
    } else {
      const isExpiry = verdict.end === texts.accountExpired;
      one.fail(verdict.end, isExpiry ? 'Authentication Expired' : 'Credentials Revoked');
    }
  }
}

/** The account of an operator is there no more. */
export function endAccount(account: Account): void {
  for (const one of admitted(account)) one.fail(texts.accountExpired, 'Authentication Expired');
}

function admitted(account: Account): (ClientConnection | LeafConnection)[] {
  return [...account.connections].filter(
    (one) => one instanceof ClientConnection || one instanceof LeafConnection,
  );
}
