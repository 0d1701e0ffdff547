/** The orders of `/connz?sort=`. All but those by id, start, uptime and reason put the largest first. */

/** What the orders go by; open and closed connections have it alike. */
export interface Sortable {
  readonly cid: number;
  readonly subs: number;
  readonly pending: number;
  readonly outMessages: number;
  readonly inMessages: number;
  readonly outBytes: number;
  readonly inBytes: number;
  readonly lastActivity: number;
  readonly startedAt: number;
  /** 0: open. */
  readonly stoppedAt: number;
  readonly reason: string;
  readonly rtt: number;
}

interface Order {
  readonly key: (item: Sortable, now: number) => number;
  readonly largestFirst: boolean;
}

const largest = (key: Order['key']): Order => ({ key, largestFirst: true });
const smallest = (key: Order['key']): Order => ({ key, largestFirst: false });

const orders: Readonly<Record<string, Order>> = {
  cid: smallest((item) => item.cid),
  start: smallest((item) => item.cid),
  subs: largest((item) => item.subs),
  pending: largest((item) => item.pending),
  msgs_to: largest((item) => item.outMessages),
  msgs_from: largest((item) => item.inMessages),
  bytes_to: largest((item) => item.outBytes),
  bytes_from: largest((item) => item.inBytes),
  last: largest((item) => item.lastActivity),
  idle: largest((item, now) => now - item.lastActivity),
  uptime: smallest((item, now) => (item.stoppedAt || now) - item.startedAt),
  stop: largest((item) => item.stoppedAt),
  rtt: largest((item) => item.rtt),
};

export function isSortOrder(name: string): boolean {
  return name === 'reason' || Object.hasOwn(orders, name);
}

/**
 * Sorts without comparing entries with each other, so that 65,536 of them take milliseconds: they are put
 * into groups of one key, and the keys are sorted as plain numbers. Equal ones keep their order.
 */
export function sorted<T extends Sortable>(items: readonly T[], name: string, now: number): T[] {
  if (name === 'reason') {
    const byReason = Map.groupBy(items, (item) => item.reason);
    return [...byReason.keys()].sort().flatMap((reason) => byReason.get(reason) ?? []);
  }
  const { key, largestFirst } = orders[name] ?? (orders['cid'] as Order);
  const groups = Map.groupBy(items, (item) => key(item, now));
  const keys = Float64Array.from(groups.keys()).sort();
  if (largestFirst) keys.reverse();
  const result: T[] = [];
  for (const each of keys) for (const item of groups.get(each) ?? []) result.push(item);
  return result;
}
