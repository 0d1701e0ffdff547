import { Duplex } from 'node:stream';
import type { Stream } from '../../link/types.ts';

/** What one read takes at most, and what waits on either side before the other one is held back. */
const BUFFER = 65_536;

/** A stream of a link as Node's streams are: both directions, with back pressure, closed when both have ended. */
export function duplexOf(stream: Stream): Duplex {
  const target = Buffer.allocUnsafeSlow(BUFFER);
  let reading = false;
  let isOver = false;
  const duplex = new Duplex({
    readableHighWaterMark: BUFFER,
    writableHighWaterMark: BUFFER,
    allowHalfOpen: true,
    read() {
      if (reading) return;
      reading = true;
      stream.read(target).then(
        (length) => {
          reading = false;
          // Copied: what has been pushed may wait there for a while.
          duplex.push(length === 0 ? null : Buffer.from(target.subarray(0, length)));
        },
        (error: Error) => duplex.destroy(error),
      );
    },
    write(chunk: Uint8Array, _encoding, done) {
      stream.write(chunk).then(() => done(), done);
    },
    final(done) {
      stream.end().then(() => {
        isOver = true;
        done();
      }, done);
    },
    destroy(error, done) {
      if (!isOver || !duplex.readableEnded) stream.abort();
      done(error);
    },
  });
  return duplex;
}
