import type { ServiceExport } from './exports.ts';

/** A service import that a message has come through, and the one before it. */
export interface Passage {
  /** Undefined for a service that the exporting account has taken back meanwhile. */
  readonly service: ServiceExport | undefined;
  /** Whether the exporting account is told who asks. */
  readonly share: boolean;
  readonly previous: Passage | undefined;
}

/** Whether a message has come through this service before: it goes round in a circle. */
export function hasPassed(via: Passage | undefined, service: ServiceExport | undefined): boolean {
  for (let at = via; at !== undefined; at = at.previous) if (at.service === service) return true;
  return false;
}
