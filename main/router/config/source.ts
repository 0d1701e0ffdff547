import { ConfigProblem } from './problems.ts';
import type { Position } from './tree.ts';

/**
 * The text of one file with a cursor. One character stands for one byte, so that columns are counted as
 * nats-server counts them; `decode` makes text of what was cut out.
 */
export class Source {
  readonly file: string;
  readonly text: string;
  pos = 0;
  #newlines: number[] | undefined;

  /** @param bytes the file as UTF-8; a byte order mark at its beginning is skipped */
  constructor(file: string, bytes: Buffer) {
    this.file = file;
    this.text = bytes.toString('latin1');
    if (this.text.startsWith('\u00ef\u00bb\u00bf')) this.pos = 3;
  }

  get atEnd(): boolean {
    return this.pos >= this.text.length;
  }

  /** The character at the cursor, or an empty string at the end. */
  peek(ahead = 0): string {
    return this.text.charAt(this.pos + ahead);
  }

  /** What a sticky pattern matches at the cursor; the cursor moves behind it. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.pos;
    const match = pattern.exec(this.text);
    if (match === null) return undefined;
    this.pos = pattern.lastIndex;
    return match;
  }

  /** Moves behind whatever the sticky pattern matches. */
  skip(pattern: RegExp): void {
    this.take(pattern);
  }

  at(offset = this.pos): Position {
    const newlines = (this.#newlines ??= newlinesOf(this.text));
    let low = 0;
    let high = newlines.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((newlines[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    // The first line has no newline before it, hence counts from 0.
    return { file: this.file, line: low + 1, column: offset - (newlines[low - 1] ?? 0) };
  }

  problem(text: string, offset = this.pos): ConfigProblem {
    return new ConfigProblem(this.at(offset), text);
  }

  /** How the character at the cursor is called in a message. */
  found(): string {
    if (this.atEnd) return 'the end of the file';
    const character = this.peek();
    if (character === '\n' || character === '\r') return 'the end of the line';
    const code = character.charCodeAt(0);
    return code > 0x20 && code < 0x7f ? `'${character}'` : `byte 0x${code.toString(16)}`;
  }
}

function newlinesOf(text: string): number[] {
  const offsets: number[] = [];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) offsets.push(at);
  return offsets;
}

/** Text of a cut of `Source.text`. */
export function decode(cut: string): string {
  return Buffer.from(cut, 'latin1').toString('utf8');
}
