import type { Connection } from '@matrixai/quic/native/index.js';
import { LinkError } from '../errors.ts';

/** What the other side may say: our own reasons look like this, and nothing else is repeated. */
const REASON = /^[a-z][a-z0-9-]{0,63}$/;

/** Why quiche's connection is over, when this side did not close it. */
export function closeReason(quic: Connection): LinkError {
  if (quic.isTimedOut()) {
    return new LinkError('link-down', 'Nothing came from the other peer for a minute.');
  }
  const error = quic.peerError();
  if (error === null) return new LinkError('link-down', 'The link ended.');
  const text = Buffer.from(error.reason).toString('latin1');
  const reason = REASON.test(text) ? text : `error ${error.errorCode}`;
  if (reason === 'wrong-peer') {
    const message = 'The other peer expected another key than this one.';
    return new LinkError('wrong-peer', message);
  }
  return error.isApp
    ? new LinkError('link-down', `The other peer closed the link: ${reason}.`)
    : new LinkError('quic-failed', `The other peer gave the connection up: ${reason}.`);
}
