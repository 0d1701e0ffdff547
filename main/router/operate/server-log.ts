import { isatty } from 'node:tty';
import type { RouterLog } from '../log.ts';
import type { LogOptions } from '../options.ts';
import { LineWriter } from './line-writer.ts';
import { LogFile } from './log-file.ts';
import { LogClock, logLine, type LineFormat, type LogLevel } from './log-line.ts';

const STDERR = 2;

/** The router's log in nats-server's format, on standard error or in a file; reload can change all of it. */
export class ServerLog implements RouterLog {
  debugging = false;
  tracing = false;
  readonly #pid: number;
  readonly #stderr = new LineWriter(STDERR);
  #file: LogFile | undefined;
  #format: LineFormat;
  #clock = new LogClock(false);

  constructor(pid: number) {
    this.#pid = pid;
    this.#format = { pid, time: true, utc: false, colours: false };
  }

  /** @throws Error when the log file cannot be opened; all stays as it was then */
  configure(options: LogOptions = {}): void {
    const { file = '' } = options;
    const limits = { size: options.sizeLimit ?? 0, files: options.maxFiles ?? 0 };
    if (file === (this.#file?.path ?? '')) this.#file?.setLimits(limits);
    else {
      const next =
        file === ''
          ? undefined
          : new LogFile(file, limits, (level, text) => this.#line(level, text));
      void this.#file?.close();
      this.#file = next;
    }
    const utc = options.utc === true;
    if (utc !== this.#format.utc) this.#clock = new LogClock(utc);
    this.#format = {
      pid: this.#pid,
      time: options.time !== false,
      utc,
      colours: this.#file === undefined && isatty(STDERR),
    };
    this.debugging = options.debug === true;
    this.tracing = options.trace === true;
  }

  info(line: string): void {
    this.#line('INF', line);
  }

  warn(line: string): void {
    this.#line('WRN', line);
  }

  error(line: string): void {
    this.#line('ERR', line);
  }

  fatal(line: string): void {
    this.#line('FTL', line);
  }

  debug(line: string): void {
    if (this.debugging) this.#line('DBG', line);
  }

  trace(line: string): void {
    if (this.tracing) this.#line('TRC', line);
  }

  /** Goes on in a new file after the old one was moved away. */
  reopen(): void {
    if (this.#file === undefined) this.info('File log re-open ignored, not a file logger');
    else this.#file.reopen();
  }

  /** Resolves when all lines are written. */
  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
    await this.#stderr.idle();
  }

  /** For a process that ends with the next statement. */
  flushSync(): void {
    this.#file?.flushSync();
    this.#stderr.flushSync();
  }

  #line(level: LogLevel, text: string): void {
    const line = logLine(this.#format, this.#clock, level, text);
    if (this.#file === undefined) this.#stderr.write(line);
    else this.#file.write(line);
  }
}
