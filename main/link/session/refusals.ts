/** Refusals as the dialler meets them: wire code to error, in one place. */
import { LinkError, type LinkErrorCode } from '../errors.ts';
import type { Refusal, RefusalCode } from './messages.ts';

const codes = {
  'unknown-peer': 'refused-unknown-peer',
  blocked: 'refused-blocked',
  busy: 'refused-busy',
  'clock-skew': 'refused-clock-skew',
  version: 'refused-version',
} as const satisfies Record<RefusalCode, LinkErrorCode>;

const clock = (ms: number): string => {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms} ms` : date.toISOString();
};

/** @param ourTs the dial's own time, milliseconds since 1970 */
export function refusalError(refusal: Refusal, ourTs: number): LinkError {
  const sentences: Record<RefusalCode, string> = {
    'unknown-peer': 'The other peer has not accepted this one as a contact.',
    blocked: 'The other peer has blocked this one.',
    busy: 'The other peer takes no more dials for now.',
    'clock-skew': `The clocks of the two computers differ: here it is ${clock(ourTs)}, there ${clock(refusal.ts)}.`,
    version: `The other peer does not speak this version of the protocol; it speaks version ${refusal.v}.`,
  };
  return new LinkError(codes[refusal.refusal], sentences[refusal.refusal]);
}
