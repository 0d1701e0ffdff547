/** nats-server's defaults. Durations are milliseconds, sizes bytes. */
import type { LimitOptions } from './options.ts';

/** The version that this router answers with: what it is compatible to. */
export const COMPATIBLE_VERSION = '2.10.27';

export const defaults = {
  host: '0.0.0.0',
  port: 4222,
  leafPort: 7422,
  monitorPort: 8222,
  authTimeout: 2_000,
  tlsTimeout: 2_000,
  lameDuckDuration: 120_000,
  lameDuckGrace: 10_000,
  leafReconnect: 1_000,
  /** Of service imports whose answer does not come. */
  responseThreshold: 120_000,
  globalAccount: '$G',
  systemAccount: '$SYS',
} as const;

/** What stands for no limit of a message's size: as much as its length can say. */
export const NO_PAYLOAD_LIMIT = 0x7fff_ffff;

export interface Limits {
  readonly maxConnections: number;
  readonly maxControlLine: number;
  readonly maxPayload: number;
  readonly maxPending: number;
  readonly maxSubscriptions: number;
  readonly maxSubscriptionTokens: number;
  readonly maxTracedMessageLength: number;
  readonly writeDeadline: number;
  readonly pingInterval: number;
  readonly pingMax: number;
}

export function limitsOf(options: LimitOptions | undefined): Limits {
  return {
    maxConnections: options?.maxConnections ?? 65_536,
    maxControlLine: options?.maxControlLine ?? 4_096,
    maxPayload: options?.maxPayload ?? 1_048_576,
    maxPending: options?.maxPending ?? 67_108_864,
    maxSubscriptions: options?.maxSubscriptions ?? 0,
    maxSubscriptionTokens: options?.maxSubscriptionTokens ?? 0,
    maxTracedMessageLength: options?.maxTracedMessageLength ?? 0,
    writeDeadline: options?.writeDeadline ?? 10_000,
    pingInterval: options?.pingInterval ?? 120_000,
    pingMax: options?.pingMax ?? 2,
  };
}
