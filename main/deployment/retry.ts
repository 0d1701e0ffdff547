import type { DeploymentError, DeploymentErrorCode } from './errors.ts';

const DISCONNECTED_MS = { first: 250, most: 2000 };
/** A server that refused us is asked again less often: it only changes when somebody does something. */
const REFUSED_MS = { first: 2000, most: 30_000 };

/** What only changes when somebody changes the server or the configuration. */
const REFUSALS: ReadonlySet<DeploymentErrorCode> = new Set([
  'nats-authorization',
  'nats-creds',
  'nats-payload',
]);

export function isRefusal({ code }: DeploymentError): boolean {
  return REFUSALS.has(code);
}

/** How long to wait before the next client is tried: twice as long after each failure, with jitter. */
export class Retry {
  #failures = 0;
  #refusals = 0;

  /** Refusals since the server last took us. */
  get refusals(): number {
    return this.#refusals;
  }

  reset(): void {
    this.#failures = 0;
    this.#refusals = 0;
  }

  /** Milliseconds. */
  waitAfter(failure: DeploymentError): number {
    const refused = isRefusal(failure);
    if (refused) this.#refusals += 1;
    else this.#failures += 1;
    const { first, most } = refused ? REFUSED_MS : DISCONNECTED_MS;
    const count = refused ? this.#refusals : this.#failures;
    return Math.min(most, first * 2 ** (count - 1)) * (0.75 + Math.random() / 2);
  }
}
