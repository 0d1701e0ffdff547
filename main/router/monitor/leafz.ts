/** `/leafz`: leaf nodes, dialled and accepted. */
import { fromWire } from '../subject/wire.ts';
import { durationText, timeText } from './go-format.ts';
import { LazyList } from './json-text.ts';
import type { MonitoredLeaf, RouterView } from './view.ts';

export interface LeafzOptions {
  readonly subscriptions?: boolean;
  readonly account?: string;
}

export function leafz(
  { id, leafs }: Pick<RouterView, 'id' | 'leafs'>,
  options: LeafzOptions,
): object {
  const { account = '', subscriptions = false } = options;
  const wanted = [...leafs].filter((each) => account === '' || each.account?.name === account);
  return {
    server_id: id,
    now: timeText(Date.now()),
    leafnodes: wanted.length,
    leafs: new LazyList(leafFacts(wanted, subscriptions), subscriptions),
  };
}

function* leafFacts(leafs: readonly MonitoredLeaf[], subscriptions: boolean): Generator<object> {
  for (const leaf of leafs) {
    yield {
      name: leaf.remote.name,
      is_spoke: leaf.remote.isHub,
      account: leaf.account?.name ?? '',
      ip: leaf.facts?.host ?? '',
      port: leaf.transport?.remotePort ?? 0,
      rtt: durationText(leaf.ping?.rtt ?? 0),
      in_msgs: leaf.inMessages,
      out_msgs: leaf.outMessages,
      in_bytes: leaf.inBytes,
      out_bytes: leaf.outBytes,
      subscriptions: leaf.subscriptions.size,
      subscriptions_list:
        subscriptions && leaf.subscriptions.size > 0 ? new LazyList(subjectsOf(leaf)) : undefined,
      compression: leaf.remote.compression,
    };
  }
}

function* subjectsOf(leaf: MonitoredLeaf): Generator<string> {
  for (const { subject } of leaf.subscriptions.values()) yield fromWire(subject);
}
