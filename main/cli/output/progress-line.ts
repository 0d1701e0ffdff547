import type { Terminal } from './terminal.ts';
import { type Progress, progressBar, progressSentence } from './progress.ts';

const REDRAW_MS = 100;
const LOG_MS = 5_000;
const SPARE_COLUMNS = 3;

/**
 * Shows progress on stderr: one line that is redrawn at most 10 times a second on a terminal; elsewhere a
 * line whenever the stage changes and every 5 seconds.
 */
export class ProgressLine implements Disposable {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  #shownAt = -Infinity;
  #shownStage = '';
  #pending: Progress | null = null;
  #timer: NodeJS.Timeout | null = null;
  #drawn = false;

  constructor(terminal: Terminal, now: () => number = Date.now) {
    this.#terminal = terminal;
    this.#now = now;
  }

  show(progress: Progress): void {
    const wait = this.#terminal.live ? REDRAW_MS : LOG_MS;
    const passed = this.#now() - this.#shownAt;
    this.#pending = progress;
    if (passed >= wait || progress.stage !== this.#shownStage) this.#draw();
    else this.#timer ??= setTimeout(() => this.#draw(), wait - passed).unref();
  }

  /** Takes the line away, so that something else can be printed. */
  clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#pending = null;
    if (this.#drawn) this.#terminal.stderr.write('\r\x1b[K');
    this.#drawn = false;
  }

  [Symbol.dispose](): void {
    this.clear();
  }

  #draw(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const progress = this.#pending;
    if (progress === null) return;
    this.#shownAt = this.#now();
    this.#shownStage = progress.stage;
    const { stderr, live } = this.#terminal;
    if (!live) {
      stderr.write(`${progressSentence(progress)}\n`);
      return;
    }
    // Room for the terminal's own `^C`: a line that wraps cannot be taken away by one \r.
    stderr.write(`\r${progressBar(progress, (stderr.columns ?? 80) - SPARE_COLUMNS)}\x1b[K`);
    this.#drawn = true;
  }
}
