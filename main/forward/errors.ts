import { SkerryError, type ErrorOptions, type ErrorTable } from '../base/errors.ts';

export const forwardErrors = {
  'service-name': {
    meaning: 'A service cannot have this name.',
    hint: 'Use up to 63 small letters, digits and hyphens, and begin with a letter or a digit.',
  },
  'service-target': {
    meaning: 'What is to be exposed is not an address of a program that listens.',
    hint: 'Give a port, host:port, or unix: and the whole path of a socket.',
  },
  'service-private': {
    meaning: 'A socket of this very peer cannot be exposed: whoever reaches it owns the peer.',
    hint: 'Expose the program that you want to be reached.',
  },
  'service-exists': {
    meaning: 'This peer exposes a service of this name already.',
    hint: 'Choose another name, or take the other one back first.',
  },
  'service-missing': {
    meaning: 'This peer exposes no service of this name.',
    hint: '`skerry expose --list` lists what it exposes.',
  },
  'service-limit': {
    meaning: 'This peer exposes or forwards as many services as it can keep.',
    hint: 'Take one back that is not needed any more.',
  },
  'service-contact': {
    meaning: 'Services are for accepted contacts only; this key is none.',
    hint: 'Accept the contact first, or choose another one.',
  },
  'service-refused': {
    meaning: 'The contact has no service of this name, or none for this peer.',
    hint: 'Check the name in the list of services, or ask the contact to expose it to you.',
  },
  'service-busy': {
    meaning: 'The service has as many connections as it takes.',
    hint: 'Close some of them, or try again later.',
  },
  'service-target-refused': {
    meaning: 'The program behind the service is not running at the contact.',
    hint: 'Ask the contact to start it.',
  },
  'service-target-unreachable': {
    meaning: 'The contact cannot reach the program behind the service.',
    hint: 'Ask the contact to check the address that is exposed.',
  },
  'service-offline': {
    meaning: 'There is no link to the contact of the service.',
    hint: 'Try again when the contact is online; the list of peers shows that.',
  },
  'service-unsupported': {
    meaning: 'The contact runs a version that knows no services.',
    hint: 'Ask the contact to update Skerry.',
  },
  'service-cut': {
    meaning: 'The connection to the service broke off before its end.',
    hint: 'Connect again; the log of the contact says more.',
  },
  'service-misbehaved': {
    meaning: 'The contact answered with something that is no answer.',
    hint: 'Update Skerry on both computers.',
  },
  'forward-address': {
    meaning: 'A forward cannot listen at such an address.',
    hint: 'Give a port, address:port with an IP address, or unix: and the whole path of a socket.',
  },
  'forward-not-loopback': {
    meaning: 'Other computers could connect to the address of this forward.',
    hint: 'Use 127.0.0.1, or say that it is meant (--allow-remote).',
  },
  'forward-in-use': {
    meaning: 'Another program listens at the address already.',
    hint: 'Choose another port, 0 for any, or stop the other program.',
  },
  'forward-unusable': {
    meaning: 'The system does not let the peer listen at the address.',
    hint: 'Choose an address of this computer and a port above 1023, or a socket in a folder of yours.',
  },
  'forward-missing': {
    meaning: 'There is no such forward.',
    hint: '`skerry forward --list` lists them.',
  },
  'pipe-missing': {
    meaning: 'There is no such pipe, or nobody came to it in time.',
    hint: 'Run the command again.',
  },
  'pipe-unusable': {
    meaning: 'The local socket of a pipe cannot be opened.',
    hint: 'Check that the home folder and the temporary folder are yours and writable.',
  },
} as const satisfies ErrorTable;

export type ForwardErrorCode = keyof typeof forwardErrors;

export class ForwardError extends SkerryError<ForwardErrorCode> {
  constructor(code: ForwardErrorCode, message: string, options?: ErrorOptions) {
    super(forwardErrors, code, message, options);
  }
}
