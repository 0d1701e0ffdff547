/** How many subscribers a subject has, for `$SYS.DEBUG.SUBSCRIBERS` and `$SYS.REQ.ACCOUNT.NSUBS`. */
import type { Account } from '../account/account.ts';
import { RouterOwn } from '../account/router-own.ts';
import type { Subscription } from '../connection/subscription.ts';
import { Breath } from '../monitor/breath.ts';
import { isLiteral, isSubsetOf } from '../subject/match.ts';

/** Subscriptions that are looked at before the clock is. */
const LOOKED_AT = 256;

/**
 * @param subject a wire string; with wildcards, subscriptions to parts of it count
 * @param queue only that group's members
 */
export async function countSubscribers(
  account: Account,
  subject: string,
  queue: string | undefined,
): Promise<number> {
  const counts = ({ connection, queue: own }: Subscription): boolean =>
    !(connection instanceof RouterOwn) && (queue === undefined || queue === own);
  if (isLiteral(subject)) {
    const { plain, leaves, groups } = account.index.matchText(subject);
    const members = groups.flatMap(({ local, remote }) => [...local, ...remote]);
    return [...plain, ...leaves, ...members].filter(counts).length;
  }
  const breath = new Breath();
  let found = 0;
  let looked = 0;
  for (const subscription of account.index.all()) {
    if (++looked % LOOKED_AT === 0 && breath.due) await breath.take();
    if (counts(subscription) && isSubsetOf(subscription.subject, subject)) found++;
  }
  return found;
}
