import { SkerryError, messageOf } from '../base/errors.ts';
import { ShareError, type ShareErrorCode } from './errors.ts';
import type { Failure } from './types.ts';

/** What is stored and shown of an error; one that people cannot act on gets the code `otherwise`. */
export function failureOf(error: unknown, otherwise: ShareErrorCode): Failure {
  if (error instanceof SkerryError) {
    const { code, message, hint } = error;
    return { code, message, hint };
  }
  return failureOf(new ShareError(otherwise, messageOf(error)), otherwise);
}
