import { SkerryError, type ErrorOptions, type ErrorTable } from '../base/errors.ts';

export const desktopErrors = {
  'desktop-option': {
    meaning: 'The desktop app was started with an option it does not have.',
    hint: 'It knows --home DIR, --hidden and one skerry:// link; `skerry up --help` lists those of the headless peer.',
  },
  'ipc-refused': {
    meaning: 'A message to the desktop shell came from a page that is not the app’s own window.',
    hint: 'Close the window and open it again from the tray; if this repeats, report it.',
  },
  'ipc-invalid': {
    meaning: 'A message to the desktop shell does not have the form it must have.',
    hint: 'Update the app: its window and its shell are of different versions.',
  },
  'peer-thread-failed': {
    meaning: 'The thread that runs the peer ended without being asked to.',
    hint: 'Restart the peer; what was downloaded and verified is kept.',
  },
  'peer-not-running': {
    meaning: 'The peer is not running, so nothing can be asked of it.',
    hint: 'Restart the peer from the dialog that told of its end, or quit and start the app again.',
  },
  'master-key-locked': {
    meaning: 'The operating system did not give back the key that protects the identity.',
    hint: 'Unlock the keychain or log in as the user who set Skerry up, then try again; nothing was changed.',
  },
  'master-key-damaged': {
    meaning: 'The file master.os is not what the app wrote there.',
    hint: 'Put back master.os from a backup of the data folder; nothing was changed.',
  },
  'master-key-missing': {
    meaning:
      'The identity is protected by the operating system, but the file master.os that holds its key is gone.',
    hint: 'Put back master.os from a backup of the data folder, beside the file keys; nothing was changed.',
  },
  'master-key-exists': {
    meaning: 'A new master key was to be written where one already is.',
    hint: 'Start the app again; the key that is there will be used.',
  },
} as const satisfies ErrorTable;

export class DesktopError extends SkerryError<keyof typeof desktopErrors> {
  constructor(code: keyof typeof desktopErrors, message: string, options?: ErrorOptions) {
    super(desktopErrors, code, message, options);
  }
}
