import type { PeerKey } from '../identity/types.ts';
import type { Links } from '../link/types.ts';
import { ShareError } from './errors.ts';
import { FrameError } from './frame-reader.ts';
import { SourceStream } from './pull/source-stream.ts';
import { pathProblem } from './safe-path.ts';
import type { BrowseEntry } from './types.ts';
import { isLinkTrouble, shareErrorOfWire } from './wire-errors.ts';
import { Listing } from './wire.ts';

const ANSWER_MS = 30_000;

/**
 * Lists a folder of a contact's share, one page.
 * Throws ShareError `source-offline`, `unshared`, `entry-unknown`, `source-misbehaved`, or the signal's reason.
 */
export async function browseOffer(
  links: Links,
  peer: PeerKey,
  share: string,
  options: { path: string; after?: string; limit: number; signal?: AbortSignal },
): Promise<{ entries: BrowseEntry[]; next: string | null }> {
  const path = options.path.normalize('NFC').replace(/^\/+|\/+$/g, '');
  const { limit, after } = options;
  if (links.get(peer) === undefined) {
    throw new ShareError('source-offline', 'The contact is not online.');
  }
  const timeout = AbortSignal.timeout(ANSWER_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  try {
    const stream = await SourceStream.open(links, peer, signal);
    const onAbort = (): void => stream.abort(signal.reason as Error);
    signal.addEventListener('abort', onAbort);
    try {
      const request = {
        do: 'list',
        share,
        path,
        limit,
        ...(after !== undefined && { after }),
      } as const;
      const { entries, more } = await stream.message(request, Listing);
      return {
        entries: entries.map((entry) => browseEntry(entry, path)),
        next: more ? (entries.at(-1)?.name ?? null) : null,
      };
    } finally {
      signal.removeEventListener('abort', onAbort);
      await stream.close();
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    if (timeout.aborted || isLinkTrouble(error)) {
      throw new ShareError('source-offline', 'The contact did not answer.', { cause: error });
    }
    if (error instanceof FrameError) throw misbehaved(error);
    throw shareErrorOfWire(error);
  }
}

function browseEntry(entry: Listing['entries'][number], folder: string): BrowseEntry {
  // Strictest common rules: what is shown may later be asked for.
  if (entry.name.includes('/') || pathProblem(entry.name, 'linux') !== undefined) {
    throw misbehaved();
  }
  return { ...entry, path: folder === '' ? entry.name : `${folder}/${entry.name}` };
}

function misbehaved(cause?: unknown): ShareError {
  return new ShareError('source-misbehaved', 'The contact sent a malformed list.', { cause });
}
