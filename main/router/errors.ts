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
} as const satisfies ErrorTable;

/** What the router reports to whoever runs it; what clients get are protocol lines (protocol/texts.ts). */
export class RouterError extends SkerryError<keyof typeof routerErrors> {
  constructor(code: keyof typeof routerErrors, message: string, options?: ErrorOptions) {
    super(routerErrors, code, message, options);
  }
}
