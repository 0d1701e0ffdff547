/** Something a person started, one at a time: a button shows that it runs, and its failure is shown beside it. */
import type { ErrorInfo } from '../../../main/api/contract.ts';
import { errorInfo } from '../api/errors.ts';

export class Task {
  running = $state(false);
  error = $state.raw<ErrorInfo | null>(null);

  /** True when the work succeeded; a second start while it runs is ignored. */
  async run(work: () => Promise<unknown>): Promise<boolean> {
    if (this.running) return false;
    this.running = true;
    this.error = null;
    try {
      await work();
      return true;
    } catch (error) {
      this.error = errorInfo(error);
      return false;
    } finally {
      this.running = false;
    }
  }
}
