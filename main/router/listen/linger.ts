import type { Duplex } from 'node:stream';

/** How long the last bytes may take to go out, ms. */
const FLUSH_MS = 5_000;
/** How long the other end may take to close its side then, ms. */
const LINGER_MS = 1_000;

/**
 * Closes a stream after what was written to it. Closing with bytes unread would make the system send a reset,
 * which destroys what the other end has not read yet (its error line, the last replies): so this side ends
 * first, and what still comes is passed over until the other side has ended too.
 */
export function endAndClose(stream: Duplex): void {
  let timer = setTimeout(() => stream.destroy(), FLUSH_MS);
  timer.unref();
  stream.once('close', () => clearTimeout(timer));
  stream.end(() => {
    clearTimeout(timer);
    timer = setTimeout(() => stream.destroy(), LINGER_MS);
    timer.unref();
  });
  stream.resume();
}
