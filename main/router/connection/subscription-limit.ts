/** How many subscriptions a connection may have. */
import { texts } from '../protocol/texts.ts';
import type { CloseReason } from './close-reason.ts';

/** How long a client that may have none more is left to read why, ms (nats-server). */
const LEFT_MS = 20;

export interface LimitedClient {
  readonly subscriptions: { readonly size: number };
  readonly maxSubscriptions: number;
  fail(text: string, reason: CloseReason): void;
}

/**
 * The smallest of several limits. For an account and a user 0 is a limit like others, and -1 is none.
 *
 * @param router the router's own, where 0 is none
 * @returns Infinity when none of them limits
 */
export function subscriptionLimit(
  router: number,
  ...others: readonly (number | undefined)[]
): number {
  const limits = others.filter((limit) => limit !== undefined && limit >= 0) as number[];
  return Math.min(router > 0 ? router : Infinity, ...limits);
}

/** Who has all that it may have when limits are set goes, as with nats-server: above all who may have none. */
export function endWhenFull(client: LimitedClient): void {
  if (client.subscriptions.size < client.maxSubscriptions) return;
  setTimeout(
    () => client.fail(texts.maxSubscriptions, 'Maximum Subscriptions Exceeded'),
    LEFT_MS,
  ).unref();
}
