/** A transfer in words and numbers: what its row shows and what a screen reader hears. */
import type { TransferInfo } from '../../../main/api/contract.ts';
import { formatBytes, formatRate } from './bytes.ts';
import { formatCount, formatNumber, formatPercent, fraction } from './number.ts';
import { isolate } from './text.ts';
import { formatDuration } from './time.ts';

/** Between start and end: can be cancelled, will change. */
export function isActive(transfer: TransferInfo): boolean {
  return !['done', 'failed', 'cancelled'].includes(transfer.state);
}

/** What is downloaded: the share, or the file or folder in it. */
export function transferTitle(transfer: TransferInfo): string {
  return transfer.path === '' ? transfer.shareName : (transfer.path.split('/').at(-1) ?? '');
}

const STAGES: Record<TransferInfo['state'], string> = {
  waiting: 'Waiting',
  hashing: 'Hashing',
  verifying: 'Verifying',
  transferring: 'Transferring',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

/** The stage in one word. */
export function stageName(state: TransferInfo['state']): string {
  return STAGES[state];
}

export interface Progress {
  /** 0 to 1; null while nothing can be measured. */
  readonly value: number | null;
  /** For people and as `aria-valuetext`. */
  readonly text: string;
}

/** How far the present stage is. */
export function transferProgress(transfer: TransferInfo): Progress {
  const { state, stage, bytes } = transfer;
  if (state === 'waiting') return { value: null, text: 'Waiting' };
  if (state === 'hashing' || state === 'verifying') {
    if (stage === null) return { value: null, text: stageName(state) };
    const percent = formatPercent(stage.done, stage.total);
    return { value: fraction(stage.done, stage.total), text: `${stageName(state)}, ${percent}` };
  }
  const percent = formatPercent(bytes.done, bytes.total);
  return { value: fraction(bytes.done, bytes.total), text: `${stageName(state)}, ${percent}` };
}

/** The line below the bar, most important first. */
export function transferFacts(transfer: TransferInfo): string[] {
  const { state, stage, bytes, files } = transfer;
  const of =
    files.total > 1 ? [`${formatNumber(files.done)} of ${formatCount(files.total, 'file')}`] : [];
  switch (state) {
    case 'waiting':
      return [`Waiting for ${isolate(transfer.peerName)} to be online`, ...left(bytes)];
    case 'hashing':
      return [`${isolate(transfer.peerName)} is still hashing the share`, ...measured(stage)];
    case 'verifying':
      return ['Checking what an earlier run left', ...measured(stage)];
    case 'transferring':
      return [...left(bytes), ...rate(transfer), ...of];
    case 'done':
      return [
        formatBytes(bytes.total),
        ...(files.total > 1 ? [formatCount(files.total, 'file')] : []),
      ];
    case 'failed':
    case 'cancelled':
      return [`${formatBytes(bytes.done)} of ${formatBytes(bytes.total)} arrived`, ...of];
  }
}

function left(bytes: TransferInfo['bytes']): string[] {
  return bytes.total === 0 ? [] : [`${formatBytes(bytes.total - bytes.done)} left`];
}

function measured(stage: TransferInfo['stage']): string[] {
  if (stage === null) return [];
  return [`${formatBytes(stage.done)} of ${formatBytes(stage.total)}`];
}

function rate(transfer: TransferInfo): string[] {
  const eta = transfer.etaSeconds;
  return [
    formatRate(transfer.rateBytesPerSecond),
    ...(eta === null ? [] : [`${formatDuration(eta)} to go`]),
  ];
}

/** What is announced when a transfer enters a state; null for states that are not worth an interruption. */
export function stageAnnouncement(transfer: TransferInfo): string | null {
  if (transfer.state === 'cancelled') return null;
  return `${isolate(transferTitle(transfer))}: ${stageName(transfer.state).toLowerCase()}`;
}
