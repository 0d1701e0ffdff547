/** What is measured, row by row: the same for every server. Each takes a second or more, so that starting up is no part of it. */

export interface Flow {
  readonly kind: 'flow';
  readonly name: string;
  /** Publishing connections, each of them publishing `messages` in all. */
  readonly publishers: number;
  readonly messages: number;
  readonly size: number;
  /** Subscribing connections for each publisher's subject; in one group when `queue`. */
  readonly subscribers: number;
  readonly queue?: boolean;
  /** Distinct subjects that a publisher cycles through. */
  readonly subjects?: number;
  readonly wildcard?: boolean;
  readonly headers?: boolean;
  readonly permissions?: boolean;
  /** Publishers at one server, subscribers at another that is its leaf. */
  readonly leaf?: boolean;
}

export interface Requests {
  readonly kind: 'requests';
  readonly name: string;
  readonly outstanding: number;
  readonly requests: number;
}

/** The other server has no such thing: what is left to a program there is a connection to loopback. */
export interface InProcess {
  readonly kind: 'in-process';
  readonly name: string;
  readonly messages: number;
  readonly size: number;
}

export type Scenario = Flow | Requests | InProcess;

const flow = (
  name: string,
  messages: number,
  size: number,
  publishers: number,
  subscribers: number,
  more: Partial<Flow> = {},
): Flow => ({ kind: 'flow', name, messages, size, publishers, subscribers, ...more });

export const scenarios: readonly Scenario[] = [
  flow('publish only, 16 B', 20_000_000, 16, 1, 0),
  flow('1:1, 16 B', 10_000_000, 16, 1, 1),
  flow('1:1, 128 B', 8_000_000, 128, 1, 1),
  flow('1:1, 1 KiB', 2_000_000, 1_024, 1, 1),
  flow('1:1, 64 KiB', 60_000, 65_536, 1, 1),
  flow('1:10, 128 B', 1_000_000, 128, 1, 10),
  flow('1:100, 128 B', 150_000, 128, 1, 100),
  flow('100:100, 128 B', 100_000, 128, 100, 1),
  flow('10,000 subjects, wildcard', 3_000_000, 128, 1, 1, { subjects: 10_000, wildcard: true }),
  flow('queue group of 10, 128 B', 4_000_000, 128, 1, 10, { queue: true }),
  { kind: 'requests', name: 'request/reply, 1 outstanding', outstanding: 1, requests: 40_000 },
  { kind: 'requests', name: 'request/reply, 64 outstanding', outstanding: 64, requests: 500_000 },
  flow('headers, 128 B', 4_000_000, 128, 1, 1, { headers: true }),
  flow('through a leaf node, 128 B', 4_000_000, 128, 1, 1, { leaf: true }),
  flow('permissions, 128 B', 8_000_000, 128, 1, 1, { permissions: true }),
  { kind: 'in-process', name: 'in process, 128 B', messages: 15_000_000, size: 128 },
];

/** Those under which the event loop is looked at. */
export const busiest: readonly Flow[] = scenarios.filter(
  (one): one is Flow =>
    one.kind === 'flow' &&
    ['1:1, 16 B', '1:1, 64 KiB', '1:100, 128 B', '100:100, 128 B'].includes(one.name),
);
