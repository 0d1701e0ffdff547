import type { Database } from 'better-sqlite3';
import { storeErrorOf } from './errors.ts';

/** Transactions on one connection, and what is told to others once a change is kept. */
export interface Transactions {
  /**
   * Runs `work` in a transaction that takes the write lock at once; inside another one, in a savepoint.
   * What `work` throws undoes its changes and is thrown on; trouble with file or disk as StoreError.
   * `work` must not be async.
   */
  transaction<T>(work: () => T): T;
  /**
   * Runs `tell` when the running transaction is kept, or now if none runs. Never for undone changes, so
   * listeners only hear what is true.
   */
  afterCommit(tell: () => void): void;
}

export function createTransactions(db: Database, file: string): Transactions {
  let waiting: (() => void)[] = [];

  return {
    transaction<T>(work: () => T): T {
      const outermost = !db.inTransaction;
      const before = waiting.length;
      let result: T;
      try {
        result = db.transaction(work).immediate();
      } catch (error) {
        waiting.length = before;
        throw storeErrorOf(error, file) ?? error;
      }
      if (outermost) {
        const told = waiting;
        waiting = [];
        for (const tell of told) tell();
      }
      return result;
    },

    afterCommit(tell) {
      if (db.inTransaction) waiting.push(tell);
      else tell();
    },
  };
}
