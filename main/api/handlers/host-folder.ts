import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { codeOf } from '../../base/errors.ts';
import type { HostFolder } from '../contract.ts';
import { HandlerError } from './errors.ts';

/** A folder with more entries is cut here; a person picks from it, no program needs it all. */
const MAX_ENTRIES = 2000;

/**
 * Lists a folder of this machine: folders first, then files, by name; hidden entries left out.
 *
 * @param path absolute; default: the person's home
 * @throws HandlerError `folder-relative`, `folder-unreadable`
 */
export async function listHostFolder(path: string = homedir()): Promise<HostFolder> {
  if (!isAbsolute(path)) {
    throw new HandlerError('folder-relative', `"${path}" is not an absolute path.`);
  }
  let names: string[];
  try {
    names = (await readdir(path)).filter((name) => !name.startsWith('.'));
  } catch (error) {
    const why = codeOf(error) === 'ENOENT' ? 'does not exist' : 'cannot be read';
    throw new HandlerError('folder-unreadable', `The folder ${path} ${why}.`, { cause: error });
  }
  names.sort((a, b) => a.localeCompare(b));
  const entries: HostFolder['entries'] = [];
  for (const name of names.slice(0, MAX_ENTRIES)) {
    const full = join(path, name);
    // An entry that vanished or cannot be read is nothing a person could share: left out.
    const facts = await stat(full).catch(() => undefined);
    if (facts?.isDirectory()) entries.push({ name, path: full, kind: 'folder', bytes: 0 });
    else if (facts?.isFile()) entries.push({ name, path: full, kind: 'file', bytes: facts.size });
  }
  entries.sort((a, b) => Number(b.kind === 'folder') - Number(a.kind === 'folder'));
  const parent = dirname(path);
  return {
    path,
    parent: parent === path ? null : parent,
    entries,
    truncated: names.length > MAX_ENTRIES,
  };
}
