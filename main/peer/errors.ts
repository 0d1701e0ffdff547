import { SkerryError, type ErrorOptions, type ErrorTable } from '../base/errors.ts';

export const peerErrors = {
  'config-unreadable': {
    meaning: 'The configuration file is not valid JSON or cannot be read.',
    hint: 'Correct config.json in the data folder, or move it away to start with the defaults.',
  },
  'config-unknown-key': {
    meaning: 'The configuration has a key that does not exist.',
    hint: 'Use the key that is named, or take the line out; docs/configuration.md lists all keys.',
  },
  'config-invalid': {
    meaning: 'A value of the configuration is not of the kind it must be.',
    hint: 'Correct the value; docs/configuration.md lists all keys with their kinds.',
  },
  'contact-unknown': {
    meaning: 'There is no contact with this key.',
    hint: 'See the list of peers for the contacts there are.',
  },
  'contact-self': {
    meaning: 'A peer cannot be its own contact.',
    hint: 'Send the invite to another person or another computer and add it there.',
  },
  'contact-blocked': {
    meaning: 'The contact was blocked here.',
    hint: 'Accept the contact again first.',
  },
  'contact-target': {
    meaning: 'What was given is neither an invite link nor a peer key.',
    hint: 'Paste the whole link that starts with skerry://invite/, or the key that starts with A.',
  },
  'invite-expired': {
    meaning: 'The invite is older than 24 hours.',
    hint: 'Ask for a new invite; each one works once and for 24 hours.',
  },
  'not-nearby': {
    meaning: 'No peer with this key is on the local network now.',
    hint: '`skerry nearby` lists who is here; they may have to let themselves be seen first.',
  },
  'no-way-in': {
    meaning:
      'UDP is off and no NATS deployment is configured, so no contact could ever reach this peer.',
    hint: 'Leave UDP on, or give at least one NATS server.',
  },
} as const satisfies ErrorTable;

export class PeerError extends SkerryError<keyof typeof peerErrors> {
  constructor(code: keyof typeof peerErrors, message: string, options?: ErrorOptions) {
    super(peerErrors, code, message, options);
  }
}
