import { SkerryError, type ErrorOptions, type ErrorTable } from '../base/errors.ts';

export const identityErrors = {
  'keys-wrong-passphrase': {
    meaning: 'The passphrase does not open the keys file.',
    hint: 'Type it again; mind the keyboard layout. Nobody can recover a forgotten passphrase: without it, bring back a backup of the keys or start anew in another home folder.',
  },
  'keys-wrong-master': {
    meaning: 'The master key at hand is not the one that the keys file was protected with.',
    hint: 'Bring back the master key that belongs to this keys file, for example from the same backup.',
  },
  'keys-missing-master': {
    meaning: 'The keys file is protected in another way than the one offered, or its key is gone.',
    hint: 'Start Skerry with the protection that the message names.',
  },
  'keys-damaged': {
    meaning: 'The keys file was cut, edited, or is something else; it was not touched.',
    hint: 'Put a backup of the keys file in its place. Skerry never writes a new identity over it.',
  },
  'keys-newer': {
    meaning: 'The keys file was written by a newer version of Skerry; it was not touched.',
    hint: 'Install the newer version again.',
  },
  'keys-permissions': {
    meaning: 'Other users of this computer could read a secret file, or this one cannot.',
    hint: 'Make yourself its owner and take everybody else’s rights away (chmod 600).',
  },
  'keys-exist': {
    meaning: 'An identity exists already; an import never replaces one.',
    hint: 'Import into another home folder (--home), or move the keys file to a safe place first.',
  },
  'keys-unusable': {
    meaning: 'The keys file cannot be read or written.',
    hint: 'Check that the home folder exists, is writable, and has space left.',
  },
  'passphrase-unusable': {
    meaning: 'The passphrase file cannot be read, is empty, or is no text.',
    hint: 'Put the passphrase on the first line of a text file and name it in SKERRY_PASSPHRASE_FILE.',
  },
  'seed-malformed': {
    meaning: 'The text or file holds no account seed, a mistyped one, or more than one.',
    hint: 'An account seed starts with SA and has 58 characters; copy all of it.',
  },
  'seed-not-account': {
    meaning: 'The text or file holds a seed, but not an account’s.',
    hint: 'A peer is a NATS account: import its account seed (SA…), often kept as an .nk file.',
  },
  'export-exists': {
    meaning: 'The file to export to exists already.',
    hint: 'Choose another name, or remove that file first.',
  },
  'way-malformed': {
    meaning: 'The text names no way to reach a peer.',
    hint: 'Write host:port ([host]:port for IPv6), or nats://host:port and a subject prefix.',
  },
  'invite-malformed': {
    meaning: 'The text is no invite, or a part of it is missing.',
    hint: 'Copy the whole link, from skerry:// to its end, or ask for a new invite.',
  },
  'invite-newer': {
    meaning: 'The invite was made by a newer version of Skerry.',
    hint: 'Update Skerry, then use the invite again.',
  },
  'invites-full': {
    meaning: 'Too many invites are open.',
    hint: 'Wait until some are used or expire; each expires 24 hours after it was made.',
  },
} as const satisfies ErrorTable;

export class IdentityError extends SkerryError<keyof typeof identityErrors> {
  constructor(code: keyof typeof identityErrors, message: string, options?: ErrorOptions) {
    super(identityErrors, code, message, options);
  }
}
