/** Vectors as contacts announce them to each other: CBOR, keys as their 32 bytes (docs/protocol.md "Relays"). */
import { z } from 'zod';
import { decodeNKey, encodeNKey } from '../../base/nkey.ts';
import type { PeerKey } from '../../identity/types.ts';
import { ASK_HOPS, MAX_ASKS, MAX_METRIC, MAX_ROWS, type Vector } from './routes.ts';
import { MOST_RELAYS } from './wire.ts';

export const ROUTES_TOPIC = 'relay.routes';

const Raw = z.instanceof(Uint8Array).refine((raw) => raw.length === 32);
const Sequence = z.int().min(0);

const Message = z.union([
  z.object({
    sequence: Sequence,
    rows: z
      .array(
        z.tuple([
          Raw,
          Sequence,
          z.int().min(1).max(MAX_METRIC),
          z
            .int()
            .min(0)
            .max(MOST_RELAYS - 1),
        ]),
      )
      .max(MAX_ROWS),
    asks: z.array(z.tuple([Raw, Sequence, z.int().min(1).max(ASK_HOPS)])).max(MAX_ASKS),
  }),
  /** This peer does not relay for the other one any more. */
  z.strictObject({ off: z.literal(true) }),
]);

export function encodeVector({ sequence, rows, asks }: Vector): unknown {
  return {
    sequence,
    rows: rows.map((row) => [rawOf(row.to), row.sequence, row.metric, row.relays]),
    asks: asks.map((ask) => [rawOf(ask.to), ask.sequence, ask.hops]),
  };
}

/** `off` when the other side relays no more; undefined for what is malformed in any part. */
export function decodeVector(body: unknown): Vector | 'off' | undefined {
  const message = Message.safeParse(body);
  if (!message.success) return undefined;
  if ('off' in message.data) return 'off';
  const { sequence, rows, asks } = message.data;
  const keyed = <Rest>(raw: Uint8Array, rest: Rest): (Rest & { to: PeerKey })[] => {
    const to = encodeNKey('account', raw);
    // Keys that anybody could sign for name nobody.
    return decodeNKey('account', to) === undefined ? [] : [{ ...rest, to }];
  };
  return {
    sequence,
    rows: rows.flatMap(([raw, at, metric, relays]) => keyed(raw, { sequence: at, metric, relays })),
    asks: asks.flatMap(([raw, at, hops]) => keyed(raw, { sequence: at, hops })),
  };
}

function rawOf(key: PeerKey): Uint8Array {
  const raw = decodeNKey('account', key);
  if (raw === undefined) throw new TypeError('not a peer key');
  return raw;
}
