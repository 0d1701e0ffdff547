import type { PeerKey } from '../../identity/types.ts';
import { HASH_BYTES } from '../chunk-tree.ts';
import {
  comparePaths,
  openPage,
  openRoot,
  type ManifestEntry,
  type ManifestRoot,
} from '../manifest.ts';
import { MAX_PAGE_BYTES, MAX_ROOT_BYTES } from '../wire.ts';
import type { SourceStream } from './source-stream.ts';

/** Pages kept: the ones a search and the walk after it look at again. */
const KEPT_PAGES = 4;

/** A share's manifest as its owner signed it, page by page. */
export class PageSource {
  readonly root: ManifestRoot;
  readonly pages: number;
  readonly #stream: SourceStream;
  readonly #kept = new Map<number, ManifestEntry[]>();

  private constructor(stream: SourceStream, root: ManifestRoot) {
    this.#stream = stream;
    this.root = root;
    this.pages = root.pages.length / HASH_BYTES;
  }

  /** Throws WireError (`hashing` while there is none), ShareError `manifest-invalid`, LinkError. */
  static async open(stream: SourceStream, peer: PeerKey, share: string): Promise<PageSource> {
    const bytes = await stream.bytes({ do: 'manifest', share }, MAX_ROOT_BYTES);
    return new PageSource(stream, openRoot(bytes, peer, share));
  }

  /** Throws WireError `revision-gone`, ShareError `manifest-invalid`. */
  async page(index: number): Promise<ManifestEntry[]> {
    const kept = this.#kept.get(index);
    if (kept !== undefined) return kept;
    const { share, revision } = this.root;
    const bytes = await this.#stream.bytes({ do: 'page', share, revision, index }, MAX_PAGE_BYTES);
    const page = openPage(bytes, this.root, index);
    this.#kept.set(index, page);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT_PAGES && oldest !== undefined) this.#kept.delete(oldest);
    return page;
  }

  /** The first page that may hold `path` or what comes after it; `pages` when none does. */
  async pageOf(path: string): Promise<number> {
    let low = 0;
    let high = this.pages;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const last = (await this.page(middle)).at(-1);
      if (last !== undefined && comparePaths(last.path, path) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  async find(path: string): Promise<ManifestEntry | undefined> {
    const index = await this.pageOf(path);
    if (index === this.pages) return undefined;
    return (await this.page(index)).find((entry) => entry.path === path);
  }
}
