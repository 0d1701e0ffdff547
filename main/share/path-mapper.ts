import { foldName, ignoresCase, localName, markedName, type Platform } from './safe-path.ts';

/** Remembers which part of a path holds a name in a folder, for systems where `A` and `a` are one name. */
export interface NameTable {
  /**
   * Gives `name` (folded) in `parent` (folded local path) to `part` unless it is taken.
   * Returns the part that holds it.
   */
  claim(parent: string, name: string, part: string): string;
}

/**
 * Names the entries of one download on this system. Deterministic for a fixed order of paths, which the
 * manifest's order is: where two siblings differ only in case or Unicode form, the first keeps its name.
 */
export class PathMapper {
  readonly #platform: Platform;
  readonly #names: NameTable;
  #lastFolder = { path: '', local: '' };

  constructor(platform: Platform, names: NameTable) {
    this.#platform = platform;
    this.#names = names;
  }

  /** The local path, `/`-separated and relative, of a path that `pathProblem` has nothing against. */
  map(path: string): string {
    const slash = path.lastIndexOf('/');
    const name = path.slice(slash + 1);
    if (slash < 0) return this.#name('', name);
    const folder = path.slice(0, slash);
    if (folder !== this.#lastFolder.path) {
      this.#lastFolder = { path: folder, local: this.map(folder) };
    }
    const { local } = this.#lastFolder;
    return `${local}/${this.#name(local, name)}`;
  }

  #name(parent: string, part: string): string {
    const name = localName(part, this.#platform);
    if (!ignoresCase(this.#platform)) return name;
    const folder = foldName(parent, this.#platform);
    if (this.#names.claim(folder, foldName(name, this.#platform), part) === part) return name;
    const other = markedName(part, this.#platform);
    this.#names.claim(folder, foldName(other, this.#platform), part);
    return other;
  }
}
