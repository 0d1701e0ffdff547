import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ApiClient, Params, TransferInfo } from '../api/contract.ts';

/** What `get` asks for; `into` is absolute and exists. */
export type Download = Params<'transfers.start'> & { readonly path: string; readonly into: string };

const ENDED: ReadonlySet<TransferInfo['state']> = new Set(['done', 'failed', 'cancelled']);

/** Whether nothing more happens to a transfer by itself. */
export function hasEnded({ state }: TransferInfo): boolean {
  return ENDED.has(state);
}

/** An earlier download of the same into the same folder that is not done: running a command again goes on with it. */
async function unfinished(
  api: ApiClient,
  { peer, share, path, into }: Download,
): Promise<TransferInfo | undefined> {
  const folders = new Set([into, await realpath(into)]);
  return (await api.call('transfers.list', {}))
    .filter(
      (one) =>
        one.peer === peer &&
        one.share === share &&
        one.path === path &&
        one.state !== 'done' &&
        folders.has(dirname(one.target)),
    )
    .sort((a, b) => b.startedAt - a.startedAt)[0];
}

/** Starts a download, or goes on with an unfinished one. */
export async function startOrResume(api: ApiClient, params: Download): Promise<TransferInfo> {
  const earlier = await unfinished(api, params);
  if (earlier === undefined) return await api.call('transfers.start', params);
  // One that another command follows is followed by this one too.
  if (!hasEnded(earlier)) return earlier;
  return await api.call('transfers.retry', { id: earlier.id });
}
