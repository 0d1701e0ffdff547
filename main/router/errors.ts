import { SkerryError, type ErrorOptions, type ErrorTable } from '../base/errors.ts';

export const routerErrors = {
  'router-config': {
    meaning: 'The router cannot be built from this configuration.',
    hint: 'Correct the line that the message names.',
  },
  'router-listen': {
    meaning: 'The router cannot listen where it was told to.',
    hint: 'Choose another host or port, or stop what listens there.',
  },
  'router-closed': {
    meaning: 'The router, or this connection to it, has been closed.',
    hint: 'Start it again.',
  },
  'router-jwt': {
    meaning: 'A JWT of an operator, account or user is not valid.',
    hint: 'Have its issuer sign it again.',
  },
  'router-resolver': {
    meaning: 'An account JWT could not be read or stored.',
    hint: "Look at the resolver's folder or URL.",
  },
  'router-account': {
    meaning: 'The router has no account of this name.',
    hint: 'Name one of its accounts.',
  },
  'router-full': {
    meaning: 'The account has as many connections as it may have.',
    hint: "Close one of them, or raise the account's max_connections.",
  },
  'router-subject': {
    meaning: 'The text is no subject, or not one that can be used for this.',
    hint: 'Use tokens without white space, separated by dots.',
  },
  'router-payload': {
    meaning: 'A message is larger than the router takes.',
    hint: 'Send less at once, or raise max_payload.',
  },
  'router-header': {
    meaning: 'The name or the value of a header cannot be sent.',
    hint: 'Leave out line breaks, and colons and white space in names.',
  },
  'router-denied': {
    meaning: 'The permissions of this client do not allow it.',
    hint: 'Use another subject, or give the client more permissions.',
  },
  'router-timeout': {
    meaning: 'No answer came in time.',
    hint: 'Try again, or allow more time.',
  },
  'router-no-responders': {
    meaning: 'Nobody is subscribed to what was asked for.',
    hint: 'Start the service that answers it.',
  },
  'router-query': {
    meaning: 'A monitoring page or a request to the system account asks for what cannot be.',
    hint: 'Correct the parameter that the message names.',
  },
  'router-request': {
    meaning: 'What was sent with a request to the system account cannot be read.',
    hint: 'Send a JSON object, or nothing.',
  },
} as const satisfies ErrorTable;

/** What the router reports to whoever runs it; what clients get are protocol lines (protocol/texts.ts). */
export class RouterError extends SkerryError<keyof typeof routerErrors> {
  constructor(code: keyof typeof routerErrors, message: string, options?: ErrorOptions) {
    super(routerErrors, code, message, options);
  }
}
