import type { ConnectionType } from '../options.ts';

/** Absent or empty: all. What is in process or comes over a link counts as STANDARD too, as in nats-server. */
export function isTypeAllowed(
  allowed: readonly ConnectionType[] | undefined,
  type: ConnectionType,
): boolean {
  if (allowed === undefined || allowed.length === 0 || allowed.includes(type)) return true;
  return type === 'IN_PROCESS' && allowed.includes('STANDARD');
}
