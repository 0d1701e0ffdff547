import { type ErrorOptions, type ErrorTable, SkerryError } from '../base/errors.ts';

export const cliErrors = {
  usage: {
    meaning: 'The command line is not one that skerry understands.',
    hint: 'See `skerry --help`.',
  },
  'contact-not-found': {
    meaning: 'No contact has this name or key.',
    hint: '`skerry peers` lists the contacts.',
  },
  'nearby-not-found': {
    meaning: 'No peer on this network has this name or key.',
    hint: '`skerry nearby` lists who is here; they may have to let themselves be seen first.',
  },
  'share-not-found': {
    meaning: 'No share has this name or id.',
    hint: '`skerry shares` lists yours, `skerry inbox` those of others.',
  },
  'transfer-not-found': {
    meaning: 'No transfer has this id.',
    hint: '`skerry transfers` lists them.',
  },
  'forward-not-found': {
    meaning: 'No forward has this address or id.',
    hint: '`skerry forward --list` lists them.',
  },
  ambiguous: {
    meaning: 'A name or the start of a key or id stands for more than one thing.',
    hint: 'Use more of the key or id.',
  },
  'contact-offline': {
    meaning: 'The contact is not online, so what it offers is not known.',
    hint: 'Try again when it is online; `skerry peers` shows that.',
  },
  'contact-not-accepted': {
    meaning:
      'Only accepted contacts share anything with each other; this one is a request or blocked.',
    hint: 'Accept it first with `skerry peers accept`.',
  },
  'not-confirmed': {
    meaning: 'A contact is added only after a yes, on a terminal or by --yes.',
    hint: 'Check the key and run the command again with --yes.',
  },
  'folder-unusable': {
    meaning: 'The folder to download into cannot be used.',
    hint: 'Choose another with -o.',
  },
  'transfer-failed': {
    meaning: 'The download ended without its error being known.',
    hint: 'Run the same command again; it goes on where it stopped.',
  },
  'share-failed': {
    meaning: 'The share could not be read to its end.',
    hint: '`skerry shares` shows where it stands.',
  },
  interrupted: {
    meaning: 'The command was ended by a signal.',
    hint: 'Run the same command again when you want.',
  },
} as const satisfies ErrorTable;

export type CliErrorCode = keyof typeof cliErrors;

/** What the command itself finds wrong, before or beside the peer. */
export class CliError extends SkerryError<CliErrorCode> {
  constructor(code: CliErrorCode, message: string, options?: ErrorOptions) {
    super(cliErrors, code, message, options);
  }
}
