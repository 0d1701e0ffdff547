import { codeOf, SkerryError, type ErrorOptions, type ErrorTable } from '../base/errors.ts';

export const storeErrors = {
  'store-newer': {
    meaning: 'The store was written by a newer version of Skerry; it was not touched.',
    hint: 'Install the newer version again, or start with another home folder (--home).',
  },
  'store-corrupt': {
    meaning: 'The store is damaged or is no SQLite database; it was not touched.',
    hint: 'Move the file aside and put a backup in its place: the newest `.bak` file beside it, or one of your own. Without any, Skerry starts with an empty store; the identity is kept elsewhere and is not lost.',
  },
  'store-foreign': {
    meaning: 'The file is a database of another program; it was not touched.',
    hint: 'Start with another home folder (--home), or move that file elsewhere.',
  },
  'store-migration': {
    meaning: 'The store could not be brought to this version; it is as it was before.',
    hint: 'Free some disk space and try again; if it fails again, go back to the version used before and report this.',
  },
  'store-unusable': {
    meaning: 'The store cannot be opened, read or written.',
    hint: 'Check that the folder exists, belongs to you and is writable, and that the disk works.',
  },
  'store-full': {
    meaning: 'The disk is full; the change was not made.',
    hint: 'Free some disk space and try again.',
  },
  'home-in-use': {
    meaning: 'Another Skerry peer runs in this home folder.',
    hint: 'Use that one, stop it first, or start with another home folder (--home).',
  },
  'home-unlockable': {
    meaning: 'The home folder cannot be locked for one peer.',
    hint: 'Check that the folder is writable, and on a file system that supports locks (some network drives do not).',
  },
} as const satisfies ErrorTable;

export class StoreError extends SkerryError<keyof typeof storeErrors> {
  constructor(code: keyof typeof storeErrors, message: string, options?: ErrorOptions) {
    super(storeErrors, code, message, options);
  }
}

/**
 * What an exception of SQLite means to a person, or undefined when it is no matter of file or disk
 * (a failed constraint, a mistake in a statement): those go up as they are.
 *
 * Codes: sqlite.org/rescode.html.
 */
export function storeErrorOf(error: unknown, file: string): StoreError | undefined {
  if (error instanceof StoreError) return error;
  const code = codeOf(error) ?? '';
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) {
    return new StoreError('store-corrupt', `The store ${file} is damaged.`, { cause: error });
  }
  if (code === 'SQLITE_FULL' || code === 'ENOSPC') {
    return new StoreError('store-full', `The disk with the store ${file} is full.`, {
      cause: error,
    });
  }
  if (/^(SQLITE_(IOERR|CANTOPEN|READONLY|PERM|AUTH|BUSY|LOCKED|PROTOCOL)|E[A-Z]+$)/.test(code)) {
    return new StoreError('store-unusable', `The store ${file} cannot be used (${code}).`, {
      cause: error,
    });
  }
  return undefined;
}
