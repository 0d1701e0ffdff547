/**
 * Errors that people and programs can act on: a class, a stable code, a sentence, and what to do.
 *
 * Every part keeps its own table (`errors.ts` in its folder) and its own class over it; `docs/errors.md`
 * lists all of them, and a test keeps the two in step.
 */

interface ErrorEntry {
  /** What the code means, one sentence for the documentation. */
  readonly meaning: string;
  /** What a person can do about it; the default of `SkerryError.hint`. */
  readonly hint: string;
}

export type ErrorTable = Readonly<Record<string, ErrorEntry>>;

export interface ErrorOptions {
  /** Replaces the table's hint where the place that throws knows better. */
  readonly hint?: string;
  readonly cause?: unknown;
}

export class SkerryError<Code extends string = string> extends Error {
  /** Stable, kebab-case, unique over the whole program. */
  readonly code: Code;
  /** What to do, one sentence. */
  readonly hint: string;

  constructor(
    table: ErrorTable,
    code: Code,
    /** One sentence for people, without the hint. */ message: string,
    options: ErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = options.hint ?? table[code]?.hint ?? '';
  }
}

/** The sentence of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The system or Skerry code of anything that was thrown, or undefined. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
