import { SkerryError, type ErrorOptions, type ErrorTable } from '../base/errors.ts';
import type { ErrorInfo } from './contract.ts';

export const apiErrors = {
  'bad-message': {
    meaning: 'A message is not one of the messages that the API knows.',
    hint: 'Use a client of the same version as the peer; docs/api.md describes the messages.',
  },
  'message-too-large': {
    meaning: 'A message is larger than the API takes.',
    hint: 'Keep each message to the peer under 1 MiB.',
  },
  'bad-params': {
    meaning: 'A parameter of a call is missing or is not of the kind it must be.',
    hint: 'Correct the parameter that is named.',
  },
  'unknown-call': {
    meaning: 'There is no such call.',
    hint: 'Use the call that is named, or a client of the same version as the peer.',
  },
  'too-many-calls': {
    meaning: 'One connection has too many calls that are not answered yet.',
    hint: 'Wait for answers before calling again; 64 calls may be under way at once.',
  },
  'too-many-connections': {
    meaning: 'Too many programs or pages are connected to the peer.',
    hint: 'Close pages or programs that use this peer, then try again.',
  },
  'too-slow': {
    meaning: 'The other end of the connection read too little of what the peer had to say.',
    hint: 'Connect again and ask for the lists anew.',
  },
  aborted: {
    meaning: 'The caller gave the call up.',
    hint: 'Call again if it was not meant.',
  },
  internal: {
    meaning: 'Something unexpected went wrong inside the peer.',
    hint: "See the peer's log for what happened.",
  },
  'not-running': {
    meaning: 'No peer runs in this home.',
    hint: 'Start it with `skerry up`.',
  },
  'already-running': {
    meaning: 'Another peer runs in this home already.',
    hint: 'Use the peer that runs, stop it with `skerry stop`, or choose another home with --home.',
  },
  'connection-lost': {
    meaning: 'The connection to the peer ended.',
    hint: '`skerry status` shows whether the peer still runs.',
  },
  'socket-folder-unsafe': {
    meaning: 'The folder for the local socket is not safely ours.',
    hint: 'Remove what stands at that path, or choose another home with --home.',
  },
  'socket-refused': {
    meaning: 'The local socket cannot be opened.',
    hint: 'Run the command as the user who owns the home.',
  },
  'ui-port-in-use': {
    meaning: 'The port for the UI is taken by another program.',
    hint: 'Choose another port, or none to get a free one.',
  },
  'ui-port-refused': {
    meaning: 'The system does not let the UI listen on the port.',
    hint: 'Choose a port above 1023, or none to get a free one.',
  },
} as const satisfies ErrorTable;

export type ApiErrorCode = keyof typeof apiErrors;

export class ApiError extends SkerryError<ApiErrorCode> {
  constructor(code: ApiErrorCode, message: string, options?: ErrorOptions) {
    super(apiErrors, code, message, options);
  }
}

/** An error that the peer answered with: its code, sentence and hint as they came. */
export class RemoteError extends SkerryError {
  constructor(info: ErrorInfo) {
    super({}, info.code, info.message, { hint: info.hint });
  }
}

/** What a caller gets to know of an error; undefined for one that was not made for people. */
export function toErrorInfo(error: unknown): ErrorInfo | undefined {
  if (!(error instanceof SkerryError)) return undefined;
  return { code: error.code, message: error.message, hint: error.hint };
}
