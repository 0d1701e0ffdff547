import { styleText } from 'node:util';
import { type Column, tableLines } from './table.ts';
import { jsonLine } from './printable.ts';

/** A stream that may be a terminal: `process.stdout`, or what stands for it in a test. */
type Output = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

export interface Streams {
  readonly stdout: Output;
  readonly stderr: Output;
}

/**
 * Where answers go: one result on stdout, everything else (questions, progress, notes, errors) on stderr.
 * Colours only where the stream is a terminal and NO_COLOR is not set (https://no-color.org).
 */
export class Terminal {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly json: boolean;

  constructor(json: boolean, { stdout, stderr }: Streams) {
    this.json = json;
    this.stdout = stdout;
    this.stderr = stderr;
  }

  /** Whether a line on stderr can be redrawn. */
  get live(): boolean {
    return this.stderr.isTTY === true && process.env.TERM !== 'dumb';
  }

  /** The one answer of a command: the value as a line of JSON, or the lines for people. */
  result(value: unknown, lines: () => readonly string[]): void {
    if (this.json) this.stdout.write(`${jsonLine(value)}\n`);
    else this.lines(lines());
  }

  lines(lines: readonly string[]): void {
    if (lines.length > 0) this.stdout.write(`${lines.join('\n')}\n`);
  }

  /** A remark beside the answer; with `--json` there is none. */
  note(line: string): void {
    if (!this.json) this.stderr.write(`${line}\n`);
  }

  table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
    return tableLines(columns, rows, this.width, (line) => this.paint('bold', line));
  }

  /** Columns of stdout; unlimited where it is no terminal, so that nothing is cut in a pipe. */
  get width(): number {
    return this.stdout.isTTY === true ? (this.stdout.columns ?? 80) : Infinity;
  }

  paint(format: Parameters<typeof styleText>[0], text: string): string {
    return styleText(format, text, { stream: this.stdout });
  }
}
