/** Quitting in two steps: the peer is asked to stop and waited for, then the app exits, whatever it answered. */
import { app } from 'electron';

export class Quitter {
  readonly #stop: () => Promise<unknown>;
  #quitting = false;

  /** @param stop asks the peer to stop; its wait is bounded */
  constructor(stop: () => Promise<unknown>) {
    this.#stop = stop;
    app.on('before-quit', (event) => {
      event.preventDefault();
      this.quit();
    });
  }

  get isQuitting(): boolean {
    return this.#quitting;
  }

  /** Idempotent: a second Quit while the peer stops changes nothing. */
  quit(): void {
    if (this.#quitting) return;
    this.#quitting = true;
    this.#stop().then(
      () => app.exit(0),
      (error: unknown) => {
        console.error('skerry: the peer did not stop in order:', error);
        app.exit(1);
      },
    );
  }
}
