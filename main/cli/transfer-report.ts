import type { TransferInfo } from '../api/contract.ts';
import { CliError } from './errors.ts';
import { ReportedFailure } from './failure.ts';
import { bytesText, filesText, rateText, spanText } from './output/human.ts';
import { jsonLine, printable } from './output/printable.ts';
import type { Progress } from './output/progress.ts';
import { ProgressLine } from './output/progress-line.ts';
import type { Terminal } from './output/terminal.ts';

/** While a stage of its own runs (hashing, verifying), the line shows that stage's bytes. */
function progressOf(transfer: TransferInfo): Progress {
  const moving = transfer.state === 'transferring';
  return {
    stage: transfer.state,
    bytes: transfer.stage ?? transfer.bytes,
    files: transfer.files,
    rateBytesPerSecond: moving ? transfer.rateBytesPerSecond : null,
    etaSeconds: moving ? transfer.etaSeconds : null,
  };
}

/** Where the progress of a download goes: a line for people, or JSON lines on stderr, or nowhere. */
export class TransferProgress {
  readonly #terminal: Terminal;
  readonly #asJson: boolean;
  readonly #line: ProgressLine;

  /** @param asJson with `--json`: write each change as `{"transfer":TransferInfo}` */
  constructor(terminal: Terminal, asJson: boolean) {
    this.#terminal = terminal;
    this.#asJson = asJson;
    this.#line = new ProgressLine(terminal);
  }

  show(transfer: TransferInfo): void {
    if (!this.#terminal.json) this.#line.show(progressOf(transfer));
    else if (this.#asJson) this.#terminal.stderr.write(`${jsonLine({ transfer })}\n`);
  }

  clear(): void {
    this.#line.clear();
  }
}

/** `Got photos: 12 files, 1.20 GiB in 6 s (205 MiB/s), in /home/me/photos`. */
export function doneSentence(transfer: TransferInfo): string {
  const { files, bytes, startedAt, finishedAt } = transfer;
  const took = Math.max(1, (finishedAt ?? startedAt) - startedAt);
  const amount = `${filesText(files.total)}, ${bytesText(bytes.total)}`;
  const pace = `in ${spanText(took)} (${rateText((bytes.total * 1000) / took)})`;
  return `Got ${printable(whatOf(transfer))}: ${amount} ${pace}, at ${printable(transfer.target)}`;
}

/** The share's name and the path in it. */
export function whatOf({ shareName, path }: TransferInfo): string {
  return path === '' ? shareName : `${shareName}/${path}`;
}

/** Why a transfer that is not done ended. */
export function failureOf({ state, error }: TransferInfo): Error {
  if (error !== null) return new ReportedFailure(error);
  return state === 'cancelled'
    ? new CliError('transfer-failed', 'The download was cancelled.')
    : new CliError('transfer-failed', 'The download failed.');
}
