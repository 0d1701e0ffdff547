/** What the process takes of the machine. */
import { availableParallelism } from 'node:os';

/** Shorter spans say nothing. */
const SPAN_MS = 1_000;

export interface Usage {
  /** Resident bytes. */
  readonly mem: number;
  /** Percent of one core, over the last second or more. */
  readonly cpu: number;
  readonly cores: number;
}

export class ProcessUsage {
  #at = performance.now();
  #before = process.cpuUsage();
  #cpu: number;

  constructor() {
    // Since the process began, until there is a span of our own.
    const { user, system } = this.#before;
    this.#cpu = percent(user + system, this.#at);
  }

  read(): Usage {
    const now = performance.now();
    const span = now - this.#at;
    if (span >= SPAN_MS) {
      const { user, system } = process.cpuUsage(this.#before);
      this.#cpu = percent(user + system, span);
      this.#before = process.cpuUsage();
      this.#at = now;
    }
    return { mem: process.memoryUsage.rss(), cpu: this.#cpu, cores: availableParallelism() };
  }
}

/** One digit behind the point. */
function percent(micros: number, ms: number): number {
  return ms > 0 ? Math.round(micros / ms) / 10 : 0;
}
