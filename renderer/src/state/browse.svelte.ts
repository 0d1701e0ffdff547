/** One folder of an offered share, a page at a time: a folder of a million entries costs one page. */
import type { EntryInfo, ErrorInfo } from '../../../main/api/contract.ts';
import { errorInfo, isAbort } from '../api/errors.ts';
import type { Offers } from './offers.svelte.ts';

const PAGE_SIZE = 200;

export class Browse {
  entries = $state.raw<readonly EntryInfo[]>([]);
  loading = $state(true);
  error = $state.raw<ErrorInfo | null>(null);
  /** Where each page up to the present one starts; the first starts at the beginning. */
  #starts = $state.raw<readonly (string | undefined)[]>([undefined]);
  #next = $state.raw<string | null>(null);
  readonly page = $derived(this.#starts.length);
  readonly hasNext = $derived(this.#next !== null);
  readonly #offers: Offers;
  readonly #peer: string;
  readonly #share: string;
  readonly #path: string;
  #request = new AbortController();

  constructor(offers: Offers, peer: string, share: string, path: string) {
    this.#offers = offers;
    this.#peer = peer;
    this.#share = share;
    this.#path = path;
  }

  /** Fetches the present page (again). */
  load(): Promise<void> {
    return this.#load(this.#starts);
  }

  next(): Promise<void> {
    return this.#next === null ? Promise.resolve() : this.#load([...this.#starts, this.#next]);
  }

  previous(): Promise<void> {
    return this.page === 1 ? Promise.resolve() : this.#load(this.#starts.slice(0, -1));
  }

  /** Gives up what is under way. */
  dispose(): void {
    this.#request.abort();
  }

  async #load(starts: readonly (string | undefined)[]): Promise<void> {
    this.#request.abort();
    const request = (this.#request = new AbortController());
    this.loading = true;
    try {
      const page = await this.#offers.browse(
        this.#peer,
        this.#share,
        this.#path,
        starts.at(-1),
        PAGE_SIZE,
        request.signal,
      );
      this.entries = page.entries;
      this.#next = page.next;
      this.#starts = starts;
      this.error = null;
    } catch (error) {
      if (isAbort(error)) return;
      this.error = errorInfo(error);
    } finally {
      if (this.#request === request) this.loading = false;
    }
  }
}
