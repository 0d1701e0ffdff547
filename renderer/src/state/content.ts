import type { TransferInfo } from '../../../main/api/contract.ts';

/** What can be downloaded, as one text: a file, a folder or the whole of a share. */
export function contentOf(of: Pick<TransferInfo, 'peer' | 'share' | 'path'>): string {
  return `${of.peer}/${of.share}/${of.path}`;
}

/** The newest transfer of each content; `transfers` with the newest first. */
export function latestByContent(
  transfers: readonly TransferInfo[],
): ReadonlyMap<string, TransferInfo> {
  return new Map(transfers.toReversed().map((transfer) => [contentOf(transfer), transfer]));
}
