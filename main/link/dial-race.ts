import { codeOf } from '../base/errors.ts';
import { LinkError } from './errors.ts';

/** While somebody has answered, no further leg starts for so long, ms. */
const PATIENCE_MS = 3_000;

/** What a leg tells the race. */
export interface RaceCalls {
  /** A session is established: others need not start unless this leg fails or is very slow. */
  answered(): void;
  /** Waits until this leg alone may finish: one leg at a time, the next only when that one failed. */
  claim(): Promise<void>;
}

export interface Leg<Result> {
  /** Earliest start, ms after the race began; earlier when nothing else is running. */
  readonly startMs: number;
  /** Leaves nothing behind when it rejects; must reject when the signal aborts. */
  run(signal: AbortSignal, race: RaceCalls): Promise<Result>;
}

/**
 * Runs the legs staggered; the first that resolves wins and all others are aborted. A refusal that the
 * dialled peer signed ends the race as well.
 *
 * @param legs in the order of their start
 * @throws the most telling error of the legs, or the signal's reason; never before every leg has settled
 */
export function raceLegs<Result>(
  legs: readonly Leg<Result>[],
  signal: AbortSignal,
): Promise<Result> {
  return new Race(legs, signal).run();
}

class Race<Result> {
  readonly #legs: readonly Leg<Result>[];
  readonly #outer: AbortSignal;
  readonly #controller = new AbortController();
  readonly #outcome = Promise.withResolvers<Result>();
  readonly #begunAt = performance.now();
  readonly #running = new Set<Promise<void>>();
  readonly #claims: (() => void)[] = [];
  readonly #errors: unknown[] = [];
  #next = 0;
  #claimed = false;
  #answeredAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(legs: readonly Leg<Result>[], outer: AbortSignal) {
    this.#legs = legs;
    this.#outer = outer;
  }

  async run(): Promise<Result> {
    this.#outer.throwIfAborted();
    const onAbort = (): void => this.#end(this.#outer.reason);
    this.#outer.addEventListener('abort', onAbort, { once: true });
    this.#startDue();
    try {
      return await this.#outcome.promise;
    } finally {
      this.#outer.removeEventListener('abort', onAbort);
      clearTimeout(this.#timer);
      this.#controller.abort(new LinkError('no-answer', 'Another way was faster.'));
      await Promise.all(this.#running);
    }
  }

  #startDue(): void {
    clearTimeout(this.#timer);
    while (!this.#controller.signal.aborted) {
      const leg = this.#legs[this.#next];
      if (leg === undefined) {
        if (this.#running.size === 0) this.#end(mostTelling(this.#errors));
        return;
      }
      const waitMs = this.#running.size === 0 ? 0 : this.#waitFor(leg);
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#startDue(), waitMs);
        return;
      }
      this.#next += 1;
      this.#start(leg);
    }
  }

  #waitFor(leg: Leg<Result>): number {
    const now = performance.now();
    return Math.max(this.#begunAt + leg.startMs, this.#answeredAt + PATIENCE_MS) - now;
  }

  #start(leg: Leg<Result>): void {
    let holdsClaim = false;
    const race: RaceCalls = {
      answered: () => (this.#answeredAt = performance.now()),
      claim: async () => {
        while (this.#claimed) await new Promise<void>((resolve) => this.#claims.push(resolve));
        this.#controller.signal.throwIfAborted();
        this.#claimed = true;
        holdsClaim = true;
      },
    };
    const finished = leg.run(this.#controller.signal, race).then(
      (result) => {
        this.#running.delete(finished);
        this.#controller.abort(new LinkError('no-answer', 'Another way was faster.'));
        this.#releaseClaim();
        this.#outcome.resolve(result);
      },
      (error: unknown) => {
        this.#running.delete(finished);
        this.#errors.push(error);
        this.#answeredAt = -Infinity;
        if (holdsClaim) this.#releaseClaim();
        if (codeOf(error)?.startsWith('refused-') === true) this.#end(error);
        else this.#startDue();
      },
    );
    this.#running.add(finished);
  }

  #releaseClaim(): void {
    this.#claimed = false;
    for (const wake of this.#claims.splice(0)) wake();
  }

  #end(error: unknown): void {
    this.#controller.abort(error);
    this.#releaseClaim();
    this.#outcome.reject(error as Error);
  }
}

/** What people should read of several failures: what the peer said, then what was proven, then the rest. */
function mostTelling(errors: readonly unknown[]): unknown {
  const rank = (error: unknown): number => {
    const code = codeOf(error) ?? '';
    if (code === 'wrong-peer') return 0;
    if (code === 'no-answer' || code.startsWith('relay-')) return 2;
    return code === 'way-unusable' ? 3 : 1;
  };
  const [best] = errors.toSorted((a, b) => rank(a) - rank(b));
  return best ?? new LinkError('no-answer', 'No way to reach this peer is known.');
}
