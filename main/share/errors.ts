import { SkerryError, type ErrorOptions, type ErrorTable } from '../base/errors.ts';

/** Everything that can go wrong with what is shared and what is fetched. */
export const shareErrors = {
  'path-private': {
    meaning: 'The path holds, or lies in, the folder with the keys and the store of this peer.',
    hint: 'Share another folder, or the folders around it one by one.',
  },
  'path-missing': {
    meaning: 'There is nothing at the path that was to be shared.',
    hint: 'Check the path; it must be a file or a folder on this computer.',
  },
  'path-unreadable': {
    meaning: 'The file or folder that was to be shared cannot be read.',
    hint: 'Check its permissions, and that the disk it is on is connected.',
  },
  'path-unsupported': {
    meaning: 'Only files and folders can be shared.',
    hint: 'Share the folder it is in, or copy it into a file.',
  },
  'already-shared': {
    meaning: 'This path is shared already.',
    hint: 'Unshare it first to share it under another name or with other people.',
  },
  'share-unknown': {
    meaning: 'There is no such share.',
    hint: 'List the shares to see what there is.',
  },
  'share-too-large': {
    meaning: 'The folder holds more entries than one share can have.',
    hint: 'Share its folders one by one.',
  },
  'scan-failed': {
    meaning: 'The files of a share could not be read and hashed.',
    hint: 'Check that the files are still there and readable; the share is tried again at the next start.',
  },
  'offer-unknown': {
    meaning: 'The contact offers no such share.',
    hint: 'List what the contact offers; offers are known once the contact has been online.',
  },
  'entry-unknown': {
    meaning: 'The share holds no such file or folder.',
    hint: 'Browse the share to see what it holds.',
  },
  'source-offline': {
    meaning: 'The contact who offers this is not online.',
    hint: 'Try again when the contact is online.',
  },
  'source-failed': {
    meaning: 'The contact cannot read what they offer.',
    hint: 'Ask them to look at the share on their side.',
  },
  'source-misbehaved': {
    meaning: 'The contact sent what the protocol does not allow.',
    hint: 'Update Skerry on both computers; if it goes on, do not trust this contact.',
  },
  unshared: {
    meaning: 'The contact no longer offers this, or not to this peer.',
    hint: 'Ask the contact to share it again.',
  },
  'file-changed': {
    meaning: 'A file was changed or removed at its source while it was being fetched.',
    hint: 'Try again when the file is at rest.',
  },
  'chunk-mismatch': {
    meaning: 'What the contact sent is not what they had signed for.',
    hint: 'Try again; if it fails again, the disk of the contact may be damaged.',
  },
  'manifest-invalid': {
    meaning: 'The list of files that the contact sent is malformed or not signed by them.',
    hint: 'Nothing was written; update Skerry on both computers, and do not trust this contact if it goes on.',
  },
  'path-illegal': {
    meaning: 'The contact offers a file whose path is not allowed.',
    hint: 'Nothing was written; ask the contact to rename the file that is named.',
  },
  'path-too-long': {
    meaning: 'A path is longer than this computer can hold.',
    hint: 'Download into a folder with a shorter path.',
  },
  'target-missing': {
    meaning: 'The folder to download into is gone.',
    hint: 'Bring it back, or start the download again in another folder.',
  },
  'target-not-writable': {
    meaning: 'The folder to download into cannot be written.',
    hint: 'Check its permissions, or download into another folder.',
  },
  'target-unsafe': {
    meaning: 'A part of the path to download into is not the folder it should be.',
    hint: 'Nothing was written through it; move aside what is in the way and try again.',
  },
  'target-error': {
    meaning: 'The disk to download to failed.',
    hint: 'Check that the disk works and is still connected, then try again.',
  },
  'disk-full': {
    meaning: 'The disk to download to is full.',
    hint: 'Free some space and try again: what has arrived is kept.',
  },
  'transfer-unknown': {
    meaning: 'There is no such download.',
    hint: 'List the downloads to see what there is.',
  },
  'transfer-active': {
    meaning: 'The download is still running.',
    hint: 'Cancel it first.',
  },
  'transfer-ended': {
    meaning: 'The download is complete.',
    hint: 'Start a new one to fetch it again.',
  },
  'transfer-broken': {
    meaning: 'The download stopped for a reason the program did not expect.',
    hint: 'Try again; the log of this peer says more.',
  },
  'sharing-closed': {
    meaning: 'The peer is stopping.',
    hint: 'Start it again.',
  },
} as const satisfies ErrorTable;

export type ShareErrorCode = keyof typeof shareErrors;

export class ShareError extends SkerryError<ShareErrorCode> {
  constructor(code: ShareErrorCode, message: string, options?: ErrorOptions) {
    super(shareErrors, code, message, options);
  }
}
