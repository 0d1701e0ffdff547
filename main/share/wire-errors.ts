/**
 * The closed set of what one peer tells another about a request that failed, and what it becomes here.
 * Nothing else crosses the wire: no local path, no message of the system.
 */
import { codeOf } from '../base/errors.ts';
import { ShareError, type ShareErrorCode } from './errors.ts';
import { StreamEnded } from './frame-reader.ts';

export const WIRE_ERRORS = [
  /** Malformed, or against the limits. */
  'bad-request',
  /** No such share, or not for this peer: the two are not told apart. */
  'share-unknown',
  /** It was unshared, or the reader left its audience, while the answer was under way. */
  'unshared',
  /** The manifest is not there yet: files are being hashed. */
  'hashing',
  /** The share cannot be read any more. */
  'share-failed',
  /** The manifest was replaced by a newer revision. */
  'revision-gone',
  'path-unknown',
  /** The file is not what the manifest says, any more. */
  'file-changed',
  /** Too many streams of this reader. */
  'busy',
  /** Everything else. */
  'internal',
] as const;

export type WireErrorCode = (typeof WIRE_ERRORS)[number];

/** Thrown by what serves, and on the other side by what asked. Its message is for logs. */
export class WireError extends Error {
  readonly wire: WireErrorCode;

  constructor(wire: WireErrorCode, options?: { cause?: unknown }) {
    super(`the answer is "${wire}"`, options);
    this.name = 'WireError';
    this.wire = wire;
  }
}

/** What goes out for anything that was thrown while serving. */
export function toWire(error: unknown): WireErrorCode {
  return error instanceof WireError ? error.wire : 'internal';
}

/** What came in; codes we do not know are `internal`. */
export function fromWire(code: unknown): WireErrorCode {
  return WIRE_ERRORS.find((known) => known === code) ?? 'internal';
}

const MEANINGS: Record<WireErrorCode, [code: ShareErrorCode, message: string]> = {
  'bad-request': ['source-misbehaved', 'The contact did not understand the request.'],
  'share-unknown': ['unshared', 'The contact does not offer this (any more).'],
  unshared: ['unshared', 'The contact stopped sharing this.'],
  hashing: ['source-failed', 'The contact is still reading the files.'],
  'share-failed': ['source-failed', 'The contact cannot read what they offer.'],
  'revision-gone': ['file-changed', 'The share was changed while it was being read.'],
  'path-unknown': ['entry-unknown', 'The share holds no such file or folder.'],
  'file-changed': ['file-changed', 'A file was changed at its source.'],
  busy: ['source-failed', 'The contact answers too many requests already.'],
  internal: ['source-failed', 'The contact could not answer.'],
};

/** A failed request as people see it; anything else is given back as it is. */
export function shareErrorOfWire(error: unknown): unknown {
  if (!(error instanceof WireError)) return error;
  const [code, message] = MEANINGS[error.wire];
  return new ShareError(code, message, { cause: error });
}

/** Codes of LinkError that say nothing about the request: the link or the stream is gone. */
const LINK_CODES = new Set([
  'link-down',
  'not-linked',
  'stream-reset',
  'stream-refused',
  'link-limit',
]);

/** Whether this came from the link, so that the same request may work on the next stream. */
export function isLinkTrouble(error: unknown): boolean {
  return error instanceof StreamEnded || LINK_CODES.has(codeOf(error) ?? '');
}
