/** What a network does to packets in one direction. Shares are of 1: 0.01 is one packet in a hundred. */
export interface Conditions {
  /** Packets that vanish on the way, after they took their place on the line. */
  readonly loss: number;
  /** One way, milliseconds. */
  readonly delayMs: number;
  /** Packets that come twice. */
  readonly duplicate: number;
  /** Packets that are held back by `reorderMs` more, so that later ones overtake them. */
  readonly reorder: number;
  readonly reorderMs: number;
  /** Of the line; Infinity: none is modelled, and nothing queues. */
  readonly bytesPerSecond: number;
  /** What may wait for the line; a packet that finds no room is dropped at its tail. */
  readonly queueBytes: number;
}

export const CLEAR: Conditions = {
  loss: 0,
  delayMs: 0,
  duplicate: 0,
  reorder: 0,
  reorderMs: 5,
  bytesPerSecond: Infinity,
  queueBytes: Infinity,
};

/** JSON has no Infinity: it travels between processes as null. */
export function decodeConditions(json: string): Conditions {
  return JSON.parse(json, (_key, value: unknown) => value ?? Infinity) as Conditions;
}
