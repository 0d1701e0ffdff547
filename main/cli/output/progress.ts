import { bytesOfText, clockText, countText, rateText } from './human.ts';
import { fit } from './width.ts';

/** What a progress line shows, of a download or of a share being hashed. */
export interface Progress {
  /** `waiting`, `hashing`, `verifying`, `transferring`. */
  readonly stage: string;
  readonly bytes: { readonly done: number; readonly total: number };
  readonly files: { readonly done: number; readonly total: number } | null;
  readonly rateBytesPerSecond: number | null;
  readonly etaSeconds: number | null;
}

const WIDEST_BAR = 32;
const NARROWEST_BAR = 6;

function percent({ bytes }: Progress): number {
  return Math.min(100, Math.floor((bytes.done / bytes.total) * 100));
}

/** What stands behind the bar, most wanted first. */
function facts(progress: Progress): string[] {
  const { bytes, files, rateBytesPerSecond, etaSeconds } = progress;
  return [
    bytesOfText(bytes.done, bytes.total),
    ...(rateBytesPerSecond === null ? [] : [rateText(rateBytesPerSecond)]),
    ...(etaSeconds === null ? [] : [`ETA ${clockText(etaSeconds)}`]),
    ...(files === null ? [] : [`${countText(files.done)}/${countText(files.total)} files`]),
  ];
}

/** One line of at most `columns` columns, without numbers while the total is not known; the bar gives way first, then the facts from the end. */
export function progressBar(progress: Progress, columns: number): string {
  if (progress.bytes.total === 0) return fit(`${progress.stage} …`, columns);
  const share = percent(progress);
  const head = `${progress.stage} ${String(share).padStart(3)}%`;
  const tail = facts(progress).join(' ');
  const room = Math.min(WIDEST_BAR, columns - head.length - tail.length - 4);
  if (room < NARROWEST_BAR) return fit(`${head} ${tail}`, columns);
  const full = Math.floor((room * share) / 100);
  return `${head} [${'#'.repeat(full)}${'-'.repeat(room - full)}] ${tail}`;
}

/** The same as a line of a log: `transferring 42%, 0.42/1.00 GiB, 212 MiB/s, ETA 0:03, 12/5,012 files`. */
export function progressSentence(progress: Progress): string {
  if (progress.bytes.total === 0) return `${progress.stage} …`;
  return [`${progress.stage} ${percent(progress)}%`, ...facts(progress)].join(', ');
}
