import { codeOf } from '../../base/errors.ts';
import { ShareError } from '../errors.ts';

/** What the system's refusal to write means to a person. Errors that are none of the system's come back as they are. */
export function targetError(error: unknown, path: string): unknown {
  if (error instanceof ShareError) return error;
  const code = codeOf(error);
  const options = { cause: error };
  switch (code) {
    case undefined:
      return error;
    case 'ENOSPC':
    case 'EDQUOT':
      return new ShareError(
        'disk-full',
        `The disk is full: ${path} could not be written.`,
        options,
      );
    case 'ENOENT':
      return new ShareError('target-missing', `${path} is gone.`, options);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new ShareError('target-not-writable', `${path} cannot be written.`, options);
    case 'ENAMETOOLONG':
      return new ShareError('path-too-long', `${path} is too long for this computer.`, options);
    case 'ELOOP':
    case 'ENOTDIR':
      return new ShareError('target-unsafe', `${path} leads through something else.`, options);
    default:
      return /^E[A-Z0-9]+$/.test(code)
        ? new ShareError('target-error', `${path} could not be written (${code}).`, options)
        : error;
  }
}

/** Runs `work` and names what the system refused. */
export async function onTarget<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw targetError(error, path);
  }
}
