/** The worker thread that walks shares and hashes their files. */
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { codeOf, messageOf } from '../../base/errors.ts';
import { RestlessFile, hashFile } from './hash.ts';
import {
  WALK_CREDIT,
  type FromWorker,
  type HashedFile,
  type HashedGroup,
  type ScanJob,
  type ScannedEntry,
  type ToWorker,
} from './messages.ts';
import { Walk } from './walk.ts';

/** Entries or files told at once: what the owner writes in one transaction of a few milliseconds. */
const BATCH = 100;
/** Leaf hashes told at once, groups of 2 KiB. */
const BATCH_GROUPS = 32;
/** Progress is told at most ten times a second. */
const PROGRESS_MS = 100;

if (parentPort === null) throw new Error('the scan worker is no program of its own');
const port = parentPort;
// Electron's file system shows each file that is called .asar as a folder; files are shared as they are.
process.noAsar = true;

let credit = WALK_CREDIT;
let onCredit: (() => void) | undefined;

function tell(message: FromWorker): void {
  port.postMessage(message);
}

async function walk(root: string, kind: 'file' | 'folder'): Promise<void> {
  credit = WALK_CREDIT;
  let batch: ScannedEntry[] = [];
  const flush = async (): Promise<void> => {
    while (credit === 0) await new Promise<void>((resolve) => (onCredit = resolve));
    credit -= 1;
    const entries = batch;
    batch = [];
    tell({ is: 'entries', entries });
    // Lets `credit` messages in.
    await setImmediate();
  };
  const result = await new Walk(root, (entry) => {
    batch.push(entry);
    return batch.length >= BATCH ? flush() : undefined;
  }).run(kind);
  if (batch.length > 0) await flush();
  tell({ is: 'walked', ...result });
}

async function hash(job: Extract<ScanJob, { do: 'hash' }>): Promise<void> {
  let groups: HashedGroup[] = [];
  let files: HashedFile[] = [];
  let failed: { entry: number; reason: string }[] = [];
  let progress = 0;
  let toldAt = performance.now();
  const flush = (): void => {
    tell({ is: 'hashed', groups, files, failed, progress });
    groups = [];
    files = [];
    failed = [];
    progress = 0;
    toldAt = performance.now();
  };
  const flushIfDue = (): void => {
    const full = groups.length >= BATCH_GROUPS || files.length + failed.length >= BATCH;
    if (full || performance.now() - toldAt >= PROGRESS_MS) flush();
  };
  for (const { entry, local } of job.files) {
    try {
      const absolute = job.kind === 'file' ? job.root : join(job.root, local);
      const hashed = await hashFile(absolute, entry, {
        group: (group, hashes) => {
          groups.push({ entry, group, hashes });
          flushIfDue();
        },
        progress: (bytes) => {
          progress += bytes;
          flushIfDue();
        },
      });
      // Only now: `files` is another array after each flush.
      files.push(hashed);
    } catch (error) {
      failed.push({ entry, reason: whyFailed(error) });
    }
    flushIfDue();
  }
  flush();
  tell({ is: 'done' });
}

function whyFailed(error: unknown): string {
  if (error instanceof RestlessFile) return 'changes all the time';
  return `cannot be read (${codeOf(error) ?? 'error'})`;
}

port.on('message', (message: ToWorker) => {
  if (message.do === 'credit') {
    credit += 1;
    onCredit?.();
    return;
  }
  const work = message.do === 'walk' ? walk(message.root, message.kind) : hash(message);
  work.catch((error: unknown) =>
    tell({ is: 'failed', code: codeOf(error) ?? null, message: messageOf(error) }),
  );
});
