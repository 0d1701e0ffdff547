import { basename } from 'node:path/posix';
import { setImmediate } from 'node:timers/promises';
import { ShareError } from '../errors.ts';
import { comparePaths, type ManifestEntry } from '../manifest.ts';
import { PathMapper } from '../path-mapper.ts';
import { folderNameOf, localName, pathProblem, shownPath, type Platform } from '../safe-path.ts';
import type { FileRepository } from './file-repository.ts';
import type { PageSource } from './page-source.ts';

/** What a download will fetch, and what it is called here. */
export interface Plan {
  readonly kind: 'file' | 'folder';
  /** The name of the target in the folder it goes into, before anything is in its way. */
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
}

/** Entries stored in one transaction: some milliseconds of work. */
const SLICE = 200;
/** Folders known to be no files, so that siblings are not looked up one by one. */
const KNOWN_FOLDERS = 1_000;

/**
 * Reads the manifest page by page, checks every path, and stores what is below `path`. Nothing is written to
 * disk before the whole list has passed.
 *
 * @param path in the share; empty for all of it
 * @throws ShareError `path-illegal`, `manifest-invalid`, `entry-unknown`; WireError; LinkError
 */
export async function planFiles(
  pages: PageSource,
  path: string,
  files: FileRepository,
  platform: Platform,
  signal: AbortSignal,
): Promise<Plan> {
  const planner = new Planner(pages, path, files, platform);
  const first = path === '' ? 0 : await pages.pageOf(path);
  for (let index = first; index < pages.pages; index += 1) {
    const page = await pages.page(index);
    signal.throwIfAborted();
    let more = true;
    for (let at = 0; at < page.length && more; at += SLICE) {
      await setImmediate();
      const slice = page.slice(at, at + SLICE);
      more = files.transaction(() => planner.take(slice)) === 'more';
    }
    if (!more) break;
  }
  return planner.plan();
}

class Planner {
  readonly #pages: PageSource;
  readonly #path: string;
  readonly #files: FileRepository;
  readonly #platform: Platform;
  readonly #mapper: PathMapper;
  readonly #folders = new Set<string>();
  #last = '';
  #single: string | undefined;
  #entries = 0;
  #count = 0;
  #bytes = 0;

  constructor(pages: PageSource, path: string, files: FileRepository, platform: Platform) {
    this.#pages = pages;
    this.#path = path;
    this.#files = files;
    this.#platform = platform;
    this.#mapper = new PathMapper(platform, files.names());
  }

  take(page: readonly ManifestEntry[]): 'end' | 'more' {
    for (const entry of page) {
      this.#check(entry);
      const end = this.#path !== '' && comparePaths(entry.path, `${this.#path}0`) >= 0;
      // "0" comes right after "/": beyond it nothing is below the path.
      if (end) return 'end';
      if (this.#path === '') this.#add(entry, entry.path);
      else if (entry.path === this.#path) this.#addAlone(entry);
      else if (entry.path.startsWith(`${this.#path}/`)) {
        this.#add(entry, entry.path.slice(this.#path.length + 1));
      }
    }
    return 'more';
  }

  #check({ path }: ManifestEntry): void {
    const problem = pathProblem(path, this.#platform);
    if (problem !== undefined) {
      throw new ShareError('path-illegal', `The path ${shownPath(path)} in the share ${problem}.`);
    }
    if (this.#last !== '' && comparePaths(this.#last, path) >= 0) {
      throw new ShareError('manifest-invalid', 'The list of files is not in order.');
    }
    this.#last = path;
  }

  #add(entry: ManifestEntry, relative: string): void {
    if (this.#pages.root.kind === 'file') return this.#addAlone(entry);
    this.#checkFolders(entry.path);
    this.#store(entry, this.#mapper.map(relative));
  }

  /** A file on its own: the target is the file. An empty folder: the target is all there is. */
  #addAlone(entry: ManifestEntry): void {
    if (entry.kind === 'folder') {
      this.#entries += 1;
      return;
    }
    const misplaced = this.#pages.root.kind === 'file' && entry.path.includes('/');
    if (this.#single !== undefined || misplaced) {
      throw new ShareError('manifest-invalid', 'The share of one file holds something else.');
    }
    this.#single = basename(entry.path);
    this.#store(entry, localName(this.#single, this.#platform));
  }

  #store(entry: ManifestEntry, local: string): void {
    this.#files.add(this.#entries, entry, local);
    this.#entries += 1;
    if (entry.kind === 'folder') return;
    this.#count += 1;
    this.#bytes += entry.size;
    const { root } = this.#pages;
    if (this.#count > root.files || this.#bytes > root.bytes) {
      throw new ShareError('manifest-invalid', 'The list of files is larger than it declares.');
    }
  }

  /** A file cannot be a folder too. Paths come in order, so a file comes before what claims to be in it. */
  #checkFolders(path: string): void {
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      const folder = path.slice(0, slash);
      if (this.#folders.has(folder)) return;
      if (this.#files.isFile(folder)) {
        throw new ShareError(
          'manifest-invalid',
          `${shownPath(folder)} is both a file and a folder.`,
        );
      }
      if (this.#folders.size >= KNOWN_FOLDERS) this.#folders.clear();
      this.#folders.add(folder);
    }
  }

  plan(): Plan {
    const { root } = this.#pages;
    if (this.#path !== '' && this.#entries === 0) {
      throw new ShareError('entry-unknown', `The share holds no ${shownPath(this.#path)}.`);
    }
    const whole = this.#path === '' && (this.#count !== root.files || this.#bytes !== root.bytes);
    if (whole || (root.kind === 'file' && this.#single === undefined)) {
      throw new ShareError('manifest-invalid', 'The list of files is not what it declares.');
    }
    const sums = { files: this.#count, bytes: this.#bytes };
    if (this.#single !== undefined) {
      return { kind: 'file', name: localName(this.#single, this.#platform), ...sums };
    }
    const name = this.#path === '' ? root.name : basename(this.#path);
    return { kind: 'folder', name: folderNameOf(name, this.#platform), ...sums };
  }
}
