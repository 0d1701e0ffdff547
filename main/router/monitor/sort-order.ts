/** The orders of `/connz?sort=`. All but those by id, start, uptime and reason put the largest first. */
import type { ClosedConnection } from './closed-connections.ts';
import { Breath } from './breath.ts';
import type { MonitoredConnection } from './view.ts';

/** An open connection, or what is remembered of a closed one. */
export type Listed = MonitoredConnection | ClosedConnection;

export function isClosed(listed: Listed): listed is ClosedConnection {
  return 'stoppedAt' in listed;
}

interface Order {
  readonly open: (connection: MonitoredConnection, now: number) => number;
  /** @param place among those listed, which stand in the order of their ends */
  readonly closed: (connection: ClosedConnection, now: number, place: number) => number;
  readonly largestFirst: boolean;
}

function order(open: Order['open'], closed: Order['closed'], largestFirst = true): Order {
  return { open, closed, largestFirst };
}

const lastActivity = ({ lastActivity: at, startedAt }: MonitoredConnection): number =>
  at ?? startedAt;
const byId = order(
  ({ id }) => id,
  ({ facts }) => facts.cid,
  false,
);

const orders: Readonly<Record<string, Order>> = {
  cid: byId,
  start: byId,
  subs: order(
    ({ subscriptions }) => subscriptions.size,
    ({ facts }) => facts.subscriptions,
  ),
  pending: order(
    ({ outbound }) => outbound?.pending ?? 0,
    ({ facts }) => facts.pending_bytes,
  ),
  msgs_to: order(
    ({ outMessages }) => outMessages,
    ({ facts }) => facts.out_msgs,
  ),
  msgs_from: order(
    ({ inMessages }) => inMessages,
    ({ facts }) => facts.in_msgs,
  ),
  bytes_to: order(
    ({ outBytes }) => outBytes,
    ({ facts }) => facts.out_bytes,
  ),
  bytes_from: order(
    ({ inBytes }) => inBytes,
    ({ facts }) => facts.in_bytes,
  ),
  last: order(lastActivity, (closed) => closed.lastActivity),
  idle: order(
    (open, now) => now - lastActivity(open),
    (closed, now) => now - closed.lastActivity,
  ),
  uptime: order(
    ({ startedAt }, now) => now - startedAt,
    ({ startedAt, stoppedAt }) => stoppedAt - startedAt,
    false,
  ),
  stop: order(
    () => 0,
    (_closed, _now, place) => place,
  ),
  rtt: order(
    ({ ping }) => ping?.rtt ?? 0,
    ({ rtt }) => rtt,
  ),
};

export function isSortOrder(name: string): boolean {
  return name === 'reason' || Object.hasOwn(orders, name);
}

/**
 * Equal ones keep their order. Takes several turns of the event loop when there are many.
 *
 * @param part which of them are wanted, once they are in order: from, and up to
 */
export async function sorted(
  listed: readonly Listed[],
  name: string,
  now: number,
  [from, to]: readonly [number, number] = [0, listed.length],
): Promise<readonly Listed[]> {
  const { open, closed, largestFirst } =
    name === 'reason' ? byReason(listed) : (orders[name] ?? byId);
  const sign = largestFirst ? -1 : 1;
  const breath = new Breath();
  const keys = new Float64Array(listed.length);
  for (let i = 0; i < keys.length; i++) {
    if (i % KEYED === 0 && breath.due) await breath.take();
    const each = listed[i] as Listed;
    keys[i] = sign * (isClosed(each) ? closed(each, now, i) : open(each, now));
  }
  if (isAscending(keys)) return listed.slice(from, to);
  const positions = await sortedPositions(keys);
  return Array.from(positions.subarray(from, to), (position) => listed[position] as Listed);
}

function byReason(listed: readonly Listed[]): Order {
  const reasons = new Set(listed.map((each) => (isClosed(each) ? (each.facts.reason ?? '') : '')));
  const ranks = new Map([...reasons].sort().map((reason, rank) => [reason, rank]));
  return order(
    () => 0,
    ({ facts }) => ranks.get(facts.reason ?? '') ?? 0,
    false,
  );
}

function isAscending(keys: Float64Array): boolean {
  for (let i = 1; i < keys.length; i++)
    if ((keys[i] as number) < (keys[i - 1] as number)) return false;
  return true;
}

/** Keys that are made before the clock is looked at. */
const KEYED = 512;
/** Keys that are sorted in one go; about 3 ms. */
const RUN = 4_096;

/** Sorts runs, then merges two and two, with time for others in between. */
async function sortedPositions(keys: Float64Array): Promise<Uint32Array> {
  const breath = new Breath();
  const compare = (a: number, b: number): number =>
    (keys[a] as number) - (keys[b] as number) || a - b;
  let runs: Uint32Array[] = [];
  for (let at = 0; at < keys.length; at += RUN) {
    const length = Math.min(RUN, keys.length - at);
    runs.push(Uint32Array.from({ length }, (_, i) => at + i).sort(compare));
    if (breath.due) await breath.take();
  }
  while (runs.length > 1) {
    const merged: Uint32Array[] = [];
    for (let i = 0; i < runs.length; i += 2) {
      const [one, other] = [runs[i], runs[i + 1]];
      if (one !== undefined) merged.push(other === undefined ? one : merge(one, other, keys));
      if (breath.due) await breath.take();
    }
    runs = merged;
  }
  return runs[0] ?? new Uint32Array(0);
}

function merge(one: Uint32Array, other: Uint32Array, keys: Float64Array): Uint32Array {
  const merged = new Uint32Array(one.length + other.length);
  let i = 0;
  let j = 0;
  for (let at = 0; at < merged.length; at++) {
    const takesOne =
      j === other.length ||
      (i < one.length &&
        (keys[one[i] as number] as number) <= (keys[other[j] as number] as number));
    merged[at] = (takesOne ? one[i++] : other[j++]) as number;
  }
  return merged;
}
