import * as fs from 'node:fs';
import { lstat, mkdir, rm, rmdir, stat, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { codeOf } from '../../base/errors.ts';
import { ShareError } from '../errors.ts';
import { PARTS_FOLDER } from '../parts-folder.ts';
import { numberedName, type Platform } from '../safe-path.ts';
import { onTarget } from './target-errors.ts';

const link = promisify(fs.link);
const rename = promisify(fs.rename);
const unlink = promisify(fs.unlink);

/** How long a folder that was looked at is taken for what it was. */
const TRUST_MS = 2_000;
const TRUSTED_FOLDERS = 4_096;
const MAX_NUMBER = 10_000;

/** File systems without hard links (FAT, exFAT, some network drives) answer one of these. */
const NO_LINKS = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EMLINK',
  'EINVAL',
  'EACCES',
]);

export interface TargetPlace {
  readonly id: string;
  readonly into: string;
  readonly target: string;
  readonly kind: 'file' | 'folder';
}

/**
 * Where one download lands. Parts are `<into>/.skerry-part/<download>/<index>`; a part that is whole is linked
 * to its final name, which fails when something has that name: nothing is ever overwritten. No path leads
 * through a link below the folder the person chose.
 */
export class Target {
  readonly #place: TargetPlace;
  readonly #parts: string;
  readonly #platform: Platform;
  readonly #folders = new Map<string, { at: number; made: Promise<void> }>();

  constructor(place: TargetPlace, platform: Platform) {
    this.#place = place;
    this.#parts = partsOf(place);
    this.#platform = platform;
  }

  /** Checks the folders, and makes the one for parts. Throws ShareError `target-missing`, `target-unsafe`, … */
  async prepare(): Promise<void> {
    const { into, target, kind } = this.#place;
    await onTarget(into, async () => {
      await assertFolder(into, 'follow');
      if (kind === 'folder') await assertFolder(target);
      await makeFolder(dirname(this.#parts));
      await makeFolder(this.#parts);
    });
  }

  /** Where the part of a file is. */
  part(index: number): string {
    return join(this.#parts, String(index));
  }

  /** The final path of a file before anything is found in its way. */
  final(local: string): string {
    const { kind, target } = this.#place;
    return kind === 'file' ? target : join(target, ...local.split('/'));
  }

  /** Makes a folder below the target, with those above it. @param local `/`-separated; empty: the target */
  async folder(local: string): Promise<void> {
    if (local === '') return;
    const now = performance.now();
    const known = this.#folders.get(local);
    if (known !== undefined && now - known.at < TRUST_MS) return known.made;
    if (this.#folders.size >= TRUSTED_FOLDERS) this.#folders.clear();
    const made = this.#makeFolder(local);
    this.#folders.set(local, { at: now, made });
    return made;
  }

  async #makeFolder(local: string): Promise<void> {
    const slash = local.lastIndexOf('/');
    await this.folder(slash < 0 ? '' : local.slice(0, slash));
    await makeFolder(this.final(local));
  }

  /** Gives a whole part its name, or the next free number of it. Returns the path. */
  async place(index: number, local: string): Promise<string> {
    const first = this.final(local);
    return onTarget(first, async () => {
      if (this.#place.kind === 'folder') {
        const slash = local.lastIndexOf('/');
        await this.folder(slash < 0 ? '' : local.slice(0, slash));
      }
      for (let number = 1; number <= MAX_NUMBER; number += 1) {
        const final =
          number === 1
            ? first
            : join(dirname(first), numberedName(basename(first), number, 'file', this.#platform));
        if (await this.#give(this.part(index), final)) return final;
      }
      throw new ShareError('target-unsafe', `Too many files are called like ${first}.`);
    });
  }

  /** False when the name is taken. */
  async #give(part: string, final: string): Promise<boolean> {
    try {
      await link(part, final);
    } catch (error) {
      const code = codeOf(error) ?? '';
      if (code === 'EEXIST') return false;
      if (!NO_LINKS.has(code)) throw error;
      // Without hard links: not atomic against another program that takes the name in this very moment.
      if (await exists(final)) return false;
      await rename(part, final);
      return true;
    }
    await unlink(part);
    return true;
  }

  /** Bytes that can still be written where the download lands. */
  async free(): Promise<number> {
    return onTarget(this.#place.into, async () => {
      const { bavail, bsize } = await statfs(this.#place.into);
      return bavail * bsize;
    });
  }

  /** Removes one part. */
  async drop(index: number): Promise<void> {
    await rm(this.part(index), { force: true });
  }

  /** Removes what is left of the parts. */
  async clear(): Promise<void> {
    await clearParts(this.#place);
  }
}

function partsOf({ into, id }: { into: string; id: string }): string {
  return join(into, PARTS_FOLDER, id);
}

/** Removes the parts of a download, and the folder of parts when it was the last one. */
export async function clearParts(place: { into: string; id: string }): Promise<void> {
  await rm(partsOf(place), { recursive: true, force: true });
  await rmdir(dirname(partsOf(place))).catch(() => undefined); // Others have parts there, or it is gone.
}

/** Takes a free name in `into` for a folder, by making it, or finds one for a file. Returns the path. */
export async function claimTarget(
  into: string,
  name: string,
  kind: 'file' | 'folder',
  platform: Platform,
  isTaken: (path: string) => boolean,
): Promise<string> {
  return onTarget(into, async () => {
    for (let number = 1; number <= MAX_NUMBER; number += 1) {
      const path = join(into, number === 1 ? name : numberedName(name, number, kind, platform));
      if (isTaken(path) || (await exists(path))) continue;
      if (kind === 'file') return path;
      try {
        await mkdir(path);
        return path;
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error;
      }
    }
    throw new ShareError('target-unsafe', `Too many things are called like ${join(into, name)}.`);
  });
}

/**
 * Makes a folder with those above it. Not Node's own `recursive`, which never returns where making a folder
 * fails with ENOENT for good (as in /proc).
 */
export async function makeFolders(path: string): Promise<void> {
  try {
    await makeFolder(path, 'follow');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolders(dirname(path));
    await makeFolder(path, 'follow');
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** @param links above the target they are the person's own, below it they are nobody's */
async function makeFolder(path: string, links: 'follow' | 'refuse' = 'refuse'): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    await assertFolder(path, links);
  }
}

async function assertFolder(path: string, links: 'follow' | 'refuse' = 'refuse'): Promise<void> {
  const stats = links === 'follow' ? await stat(path) : await lstat(path);
  if (!stats.isDirectory()) throw unsafe(path);
}

function unsafe(path: string): ShareError {
  return new ShareError('target-unsafe', `${path} is not the folder it should be.`);
}
