import { place, type Position } from './tree.ts';

/** Something in a file that cannot be: where, and one sentence. Its `message` is the whole line. */
export class ConfigProblem extends Error {
  readonly at: Position;
  /** Without the place. */
  readonly text: string;

  constructor(at: Position, text: string) {
    super(`${place(at)}: ${text}`);
    this.name = 'ConfigProblem';
    this.at = at;
    this.text = text;
  }
}

/** A file of a million mistakes is not a million lines of log. */
const MAX_PROBLEMS = 100;

/** Collects what is wrong in a file, so that one run tells all of it. */
export class Report {
  readonly #problems: ConfigProblem[] = [];
  readonly #warnings: ConfigProblem[] = [];
  readonly #notes = new Set<string>();

  get problems(): readonly ConfigProblem[] {
    return this.#problems;
  }

  /** Accepted, with another meaning than the writer may think. */
  get warnings(): readonly ConfigProblem[] {
    return this.#warnings;
  }

  /** What the file asks for and this router does not have: sentences, each once. */
  get notes(): readonly string[] {
    return [...this.#notes];
  }

  add(at: Position, text: string): void {
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push(new ConfigProblem(at, text));
  }

  warn(at: Position, text: string): void {
    if (this.#warnings.length < MAX_PROBLEMS) this.#warnings.push(new ConfigProblem(at, text));
  }

  note(sentence: string): void {
    this.#notes.add(sentence);
  }

  /** Runs a step; a ConfigProblem that it throws is collected, anything else goes on. */
  attempt<T>(step: () => T): T | undefined {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof ConfigProblem)) throw error;
      this.add(error.at, error.text);
      return undefined;
    }
  }
}
