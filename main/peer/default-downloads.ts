import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where downloads land unless a person chose: `Skerry` in the person's download folder. */
export function defaultDownloads(): string {
  return join(process.env.XDG_DOWNLOAD_DIR ?? join(homedir(), 'Downloads'), 'Skerry');
}
