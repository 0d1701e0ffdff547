/**
 * Endings that lose nothing. A draining router accepts nobody, tells its clients to go elsewhere, and closes
 * each connection once it has fallen quiet, so that what was asked is still answered.
 */

/** What is looked at of a connection to see whether it is quiet. */
export interface Drainable {
  /** Messages so far, in both directions. */
  readonly activity: number;
  /** Bytes that wait to be sent. */
  readonly pending: number;
  /** Says good-bye after what was written. */
  close(reason: 'Server Shutdown'): void;
}

const LOOK_MS = 25;
/** Looks in a row at which nothing may have happened. */
const QUIET_LOOKS = 3;

/**
 * Closes connections as they fall quiet.
 *
 * @param connections those that are still there
 * @param bound ms after which those that never fall quiet are closed too
 */
export async function closeWhenQuiet(
  connections: () => Iterable<Drainable>,
  bound: number,
): Promise<void> {
  const seen = new Map<Drainable, { activity: number; looks: number }>();
  const deadline = performance.now() + bound;
  for (;;) {
    let left = 0;
    for (const connection of [...connections()]) {
      if (isQuiet(connection, seen) || performance.now() >= deadline) {
        connection.close('Server Shutdown');
      } else {
        left++;
      }
    }
    if (left === 0) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function isQuiet(
  connection: Drainable,
  seen: Map<Drainable, { activity: number; looks: number }>,
): boolean {
  const { activity, pending } = connection;
  const before = seen.get(connection);
  if (before === undefined || before.activity !== activity || pending > 0) {
    seen.set(connection, { activity, looks: 1 });
    return false;
  }
  return ++before.looks > QUIET_LOOKS;
}

/**
 * Closes connections one after the other, spread over a time, as lame duck mode does, so that their clients do
 * not all come to the next server at once. Each is closed when it is quiet, at the latest a little after its
 * turn.
 *
 * @param duration ms
 */
export async function closeStaggered(
  connections: () => Iterable<Drainable>,
  duration: number,
): Promise<void> {
  const all = [...connections()].sort(() => Math.random() - 0.5);
  const step = duration / Math.max(all.length, 1);
  const began = performance.now();
  for (const [place, connection] of all.entries()) {
    const wait = began + step * place - performance.now();
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
    connection.close('Server Shutdown');
  }
}
