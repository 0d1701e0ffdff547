/** Walks the folders of the peer's machine to choose something there, from a browser. */
import type { ErrorInfo, HostFolder } from '../../../main/api/contract.ts';
import { errorInfo, isAbort } from '../api/errors.ts';
import type { Shares } from './shares.svelte.ts';

export class HostBrowser {
  folder = $state.raw<HostFolder | null>(null);
  /** The path of a chosen file in the folder; null: the folder itself. */
  file = $state<string | null>(null);
  error = $state.raw<ErrorInfo | null>(null);
  loading = $state(false);
  readonly #shares: Shares;
  #request = new AbortController();

  constructor(shares: Shares) {
    this.#shares = shares;
  }

  /** Shows another folder; home without a path. What was shown stays when that fails. */
  async open(path?: string): Promise<void> {
    this.#request.abort();
    const request = (this.#request = new AbortController());
    this.loading = true;
    try {
      this.folder = await this.#shares.hostFolder(path, request.signal);
      this.file = null;
      this.error = null;
    } catch (error) {
      if (isAbort(error)) return;
      this.error = errorInfo(error);
    } finally {
      if (this.#request === request) this.loading = false;
    }
  }

  /** Gives up what is under way. */
  dispose(): void {
    this.#request.abort();
  }
}
