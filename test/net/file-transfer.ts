import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TransferInfo } from '../../main/api/contract.ts';
import { sha256, writeRandomFile } from '../support/files.ts';
import type { NetPeer } from './net-peer.ts';
import { until } from './waiting.ts';

/** A file takes no longer than this over a slow cable, seconds, beside the time that it stands still. */
const movingSeconds = (bytes: number): number => Math.max(30, bytes / 2_000_000);

export interface FileTransfer {
  /** Resolves when so much of the file has arrived. */
  reached(part: number): Promise<void>;
  /** Resolves at its end. @throws Error when it failed, went back, or what arrived is not what was sent */
  done(): Promise<TransferInfo>;
  /** The longest time in which nothing arrived, so far. */
  longestPauseMs(): number;
}

/**
 * `to` downloads a fresh random file from `from`.
 *
 * @param stallSeconds how long it may stand still before it counts as broken
 */
export async function transferFile(
  from: NetPeer,
  to: NetPeer,
  bytes: number,
  stallSeconds: number,
): Promise<FileTransfer> {
  const source = `${from.home.path}-out`;
  const target = `${to.home.path}-in`;
  mkdirSync(source);
  writeRandomFile(join(source, 'file.bin'), bytes);
  const { id: share } = await from.api.call('shares.add', { path: join(source, 'file.bin') });
  await until(
    async () => {
      const offers = await to.api.call('offers.list', {});
      return offers.find((offer) => offer.id === share && offer.state === 'ready');
    },
    'the file is offered',
    15,
  );
  const peer = from.home.key;
  const { id } = await to.api.call('transfers.start', { peer, share, into: target });

  let furthest = 0;
  let movedAt = Date.now();
  let longestPauseMs = 0;
  const look = async (): Promise<TransferInfo> => {
    const transfers = await to.api.call('transfers.list', {});
    const transfer = transfers.find((one) => one.id === id);
    if (transfer === undefined) throw new Error('the transfer is gone');
    if (transfer.error !== null) throw new Error(`the transfer failed: ${transfer.error.message}`);
    const { done } = transfer.bytes;
    if (done < furthest) throw new Error(`the transfer went back from ${furthest} to ${done}`);
    const now = Date.now();
    longestPauseMs = Math.max(longestPauseMs, now - movedAt);
    if (done > furthest) movedAt = now;
    furthest = done;
    if (now - movedAt > stallSeconds * 1000 && transfer.state !== 'done') {
      throw new Error(`the transfer stands still at ${done} of ${bytes} bytes`);
    }
    return transfer;
  };
  return {
    async reached(part) {
      await until(
        async () => ((await look()).bytes.done >= part * bytes ? true : undefined),
        `${part * 100} % of the file have arrived`,
        stallSeconds + movingSeconds(bytes),
      );
    },
    async done() {
      const transfer = await until(
        async () => {
          const now = await look();
          return now.state === 'done' ? now : undefined;
        },
        'the file has arrived',
        stallSeconds + movingSeconds(bytes),
      );
      const [sent, got] = await Promise.all([
        sha256(join(source, 'file.bin')),
        sha256(join(target, 'file.bin')),
      ]);
      if (sent !== got) throw new Error('what arrived is not what was sent');
      return transfer;
    },
    longestPauseMs: () => longestPauseMs,
  };
}
