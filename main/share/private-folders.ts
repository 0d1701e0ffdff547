import { realpath } from 'node:fs/promises';
import { relative, isAbsolute } from 'node:path';
import { ShareError } from './errors.ts';

/** Whether `inner` is `outer` or lies below it; both absolute, without links. */
function isWithin(inner: string, outer: string): boolean {
  const way = relative(outer, inner);
  return way === '' || (!isAbsolute(way) && way.split(/[\\/]/)[0] !== '..');
}

/**
 * Refuses a path that is one of the private folders, lies in one or holds one, also by way of links.
 *
 * @throws ShareError `path-private`
 */
export async function assertNotPrivate(path: string, folders: readonly string[]): Promise<void> {
  const real = await realpath(path);
  for (const folder of folders) {
    const hidden = await realpath(folder);
    if (isWithin(real, hidden) || isWithin(hidden, real)) {
      throw new ShareError(
        'path-private',
        `${path} holds the data folder of this peer, ${folder}.`,
      );
    }
  }
}
