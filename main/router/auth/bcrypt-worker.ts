/** Compares passwords with bcrypt hashes off the event loop: one takes 50 to 300 ms at the usual cost. */
import { parentPort } from 'node:worker_threads';
import { compareSync } from 'bcryptjs';

export interface BcryptTask {
  readonly id: number;
  readonly hash: string;
  readonly password: string;
}

export interface BcryptDone {
  readonly id: number;
  readonly same: boolean;
}

parentPort?.on('message', ({ id, hash, password }: BcryptTask) => {
  const done: BcryptDone = { id, same: compare(password, hash) };
  parentPort?.postMessage(done);
});

function compare(password: string, hash: string): boolean {
  try {
    // `$2x$` marks hashes of an old PHP; compared as all others, as Go's bcrypt does.
    return compareSync(password, hash.replace(/^\$2x/, '$2a'));
  } catch {
    // A hash that is cut short or has an impossible cost: nobody's password.
    return false;
  }
}
