import { SkerryError, type ErrorOptions, type ErrorTable } from '../../base/errors.ts';

export const handlerErrors = {
  'folder-relative': {
    meaning: 'A folder of this machine was named by a relative path.',
    hint: 'Give the whole path, from the root.',
  },
  'folder-unreadable': {
    meaning: 'A folder of this machine does not exist or cannot be read.',
    hint: 'Check the path and that your user may read it.',
  },
  'no-browser-ui': {
    meaning: 'This peer serves no UI for the browser.',
    hint: 'Open the desktop app, or start the peer with `skerry up` without --no-ui.',
  },
} as const satisfies ErrorTable;

export class HandlerError extends SkerryError<keyof typeof handlerErrors> {
  constructor(code: keyof typeof handlerErrors, message: string, options?: ErrorOptions) {
    super(handlerErrors, code, message, options);
  }
}
