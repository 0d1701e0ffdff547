/** What went wrong with a call, as the interface shows it. */
import type { ErrorInfo } from '../../../main/api/contract.ts';

/** An error answer of the peer, or the loss of the connection to it (`connection-lost`). */
export class ApiError extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(info: ErrorInfo) {
    super(info.message);
    this.name = 'ApiError';
    this.code = info.code;
    this.hint = info.hint;
  }
}

/** The call's answer can never arrive: the transport is gone. */
export function connectionLost(): ApiError {
  return new ApiError({
    code: 'connection-lost',
    message: 'The connection to the peer was lost before it answered.',
    hint: 'Try again when the connection is back.',
  });
}

/** Anything that was thrown, in the shape that is shown to people. */
export function errorInfo(error: unknown): ErrorInfo {
  if (error instanceof ApiError) {
    return { code: error.code, message: error.message, hint: error.hint };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'unexpected', message, hint: 'Try again; reload the page if it stays.' };
}

/** True for the rejection of a call that this side gave up. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}
