import {
  lstatSync,
  opendirSync,
  realpathSync,
  statSync,
  type BigIntStats,
  type Dir,
} from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { codeOf } from '../../base/errors.ts';
import { PARTS_FOLDER } from '../parts-folder.ts';
import { MAX_PART_BYTES, MAX_PATH_BYTES } from '../safe-path.ts';
import { identityOf, isExecutable, modifiedAtOf } from './identity.ts';
import { SKIPPED_EXAMPLES, type ScannedEntry, type Skipped } from './messages.ts';

/** Folders inside folders; deeper ones are skipped, for each level keeps a handle open. */
const MAX_DEPTH = 256;

export interface WalkResult {
  readonly files: number;
  readonly bytes: number;
  readonly skipped: Skipped;
}

interface Folder {
  readonly path: string;
  readonly local: string;
  readonly depth: number;
  /** Unicode forms given to names in this folder that had another one. */
  readonly normalised: Set<string>;
  files: number;
  bytes: number;
}

/**
 * Walks one share. Symbolic links are followed inside the root only: to files always, to a folder once and
 * never to one that the walk is inside of, so that cycles end. A folder comes after what it holds, with sums.
 * Uses the synchronous file system: it runs in a worker.
 */
export class Walk {
  readonly #root: string;
  readonly #emit: (entry: ScannedEntry) => Promise<void> | undefined;
  /** Folders the walk is inside of, and folders reached by a link, by device and inode. */
  readonly #inside = new Set<string>();
  readonly #linked = new Set<string>();
  #skippedCount = 0;
  readonly #skippedExamples: string[] = [];

  /** @param emit takes an entry; a returned promise is waited for */
  constructor(root: string, emit: (entry: ScannedEntry) => Promise<void> | undefined) {
    this.#root = root;
    this.#emit = emit;
  }

  /** Throws the system's error when the root itself cannot be read. */
  async run(kind: 'file' | 'folder'): Promise<WalkResult> {
    const root = realpathSync(this.#root);
    const top: Folder = folderOf('', '', 0);
    if (kind === 'file') {
      const stats = statSync(root, { bigint: true });
      if (!stats.isFile()) throw Object.assign(new Error('no longer a file'), { code: 'ENOENT' });
      const name = basename(this.#root);
      await this.#file(top, name.normalize('NFC'), null, stats);
    } else {
      await this.#contents(top, statSync(root, { bigint: true }), opendirSync(root), root);
    }
    return {
      files: top.files,
      bytes: top.bytes,
      skipped: { count: this.#skippedCount, examples: this.#skippedExamples },
    };
  }

  async #contents(folder: Folder, stats: BigIntStats, dir: Dir, root: string): Promise<void> {
    const key = keyOf(stats);
    this.#inside.add(key);
    try {
      for (let entry = dir.readSync(); entry !== null; entry = dir.readSync()) {
        if (entry.name !== PARTS_FOLDER) await this.#entry(folder, entry.name, root);
      }
    } finally {
      dir.closeSync();
      this.#inside.delete(key);
    }
  }

  async #entry(folder: Folder, name: string, root: string): Promise<void> {
    const local = folder.local === '' ? name : `${folder.local}/${name}`;
    const absolute = join(this.#root, local);
    let stats: BigIntStats;
    try {
      stats = lstatSync(absolute, { bigint: true });
      if (stats.isSymbolicLink()) {
        const target = realpathSync(absolute);
        const way = relative(root, target);
        if (way === '..' || way.startsWith(`..${sep}`) || way.startsWith(sep)) {
          return this.#skip(local, 'is a link out of the share');
        }
        stats = statSync(target, { bigint: true });
        if (stats.isDirectory()) {
          if (this.#inside.has(keyOf(stats)))
            return this.#skip(local, 'is a link to a folder it is in');
          if (this.#linked.has(keyOf(stats)))
            return this.#skip(local, 'is one more link to a folder');
          this.#linked.add(keyOf(stats));
        }
      }
    } catch (error) {
      return this.#skip(local, whyUnreadable(error));
    }
    if (!stats.isFile() && !stats.isDirectory()) {
      return this.#skip(local, 'is neither a file nor a folder');
    }
    const nfc = this.#nfc(folder, name, stats);
    if (nfc === undefined) return this.#skip(local, 'has the same name as another one in Unicode');
    const path = folder.path === '' ? nfc : `${folder.path}/${nfc}`;
    if (Buffer.byteLength(nfc) > MAX_PART_BYTES || Buffer.byteLength(path) > MAX_PATH_BYTES) {
      return this.#skip(local, 'has too long a path');
    }
    if (stats.isFile()) return this.#file(folder, path, local === path ? null : local, stats);
    await this.#folder(folder, path, local, stats, root);
  }

  async #file(
    folder: Folder,
    path: string,
    local: string | null,
    stats: BigIntStats,
  ): Promise<void> {
    const bytes = Number(stats.size);
    folder.files += 1;
    folder.bytes += bytes;
    const entry: ScannedEntry = {
      path,
      kind: 'file',
      bytes,
      files: 1,
      modifiedAt: modifiedAtOf(stats),
      executable: isExecutable(stats),
      local,
      identity: identityOf(stats),
    };
    await this.#emit(entry);
  }

  async #folder(
    parent: Folder,
    path: string,
    local: string,
    stats: BigIntStats,
    root: string,
  ): Promise<void> {
    if (parent.depth >= MAX_DEPTH) return this.#skip(local, 'is too deep');
    let dir: Dir;
    try {
      dir = opendirSync(join(this.#root, local));
    } catch (error) {
      return this.#skip(local, whyUnreadable(error));
    }
    const folder = folderOf(path, local, parent.depth + 1);
    await this.#contents(folder, stats, dir, root);
    parent.files += folder.files;
    parent.bytes += folder.bytes;
    await this.#emit({
      path,
      kind: 'folder',
      bytes: folder.bytes,
      files: folder.files,
      modifiedAt: modifiedAtOf(stats),
      executable: false,
      local: local === path ? null : local,
      identity: '',
    });
  }

  /** The name in form NFC, or undefined when another entry of the folder has that one already. */
  #nfc(folder: Folder, name: string, stats: BigIntStats): string | undefined {
    const nfc = name.normalize('NFC');
    if (nfc === name) return name;
    if (folder.normalised.has(nfc)) return undefined;
    const rival = lstatSync(join(this.#root, folder.local, nfc), {
      bigint: true,
      throwIfNoEntry: false,
    });
    // On file systems that do not tell the forms apart the rival is the entry itself.
    if (rival !== undefined && keyOf(rival) !== keyOf(stats)) return undefined;
    folder.normalised.add(nfc);
    return nfc;
  }

  #skip(local: string, reason: string): void {
    this.#skippedCount += 1;
    if (this.#skippedExamples.length < SKIPPED_EXAMPLES) {
      this.#skippedExamples.push(`${local} ${reason}`);
    }
  }
}

function folderOf(path: string, local: string, depth: number): Folder {
  return { path, local, depth, normalised: new Set(), files: 0, bytes: 0 };
}

function keyOf(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}`;
}

function whyUnreadable(error: unknown): string {
  const code = codeOf(error) ?? 'error';
  if (code === 'ENOENT') return 'is gone, a link to nothing, or has a name that is no Unicode';
  if (code === 'ELOOP') return 'is a link to itself';
  return `cannot be read (${code})`;
}
