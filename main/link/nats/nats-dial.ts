import { createInbox, type Msg } from 'nats';
import { codeOf, messageOf } from '../../base/errors.ts';
import type { ServerConnection } from '../../deployment/types.ts';
import { LinkError } from '../errors.ts';
import type { PendingDial } from '../session/types.ts';
import type { SessionSecrets } from '../types.ts';

/** A dial that was lost with a restarting server is sent again; the same bytes get the same answer. */
const REPEAT_MS = 2000;

/**
 * Sends a dial as a NATS request and waits for the answer that the dialled peer signed; others are ignored,
 * because anyone with the permission can answer on a deployment.
 *
 * @param subject `<prefix>.dial.<A…>`
 * @param inboxPrefix replies come to `<inboxPrefix>.<random>`
 * @throws LinkError `no-answer` (nobody serves the subject), `way-unusable` (denied, or the connection was lost),
 *   `refused-…`; or the signal's reason. The subscription is gone in each case.
 */
export async function requestSession(
  connection: ServerConnection,
  subject: string,
  inboxPrefix: string,
  dial: PendingDial,
  signal: AbortSignal,
): Promise<SessionSecrets> {
  const client = await connection.ready(signal);
  const inbox = createInbox(inboxPrefix);
  const outcome = Promise.withResolvers<SessionSecrets>();
  const fail = (code: 'no-answer' | 'way-unusable', message: string): void =>
    outcome.reject(new LinkError(code, message));

  const answered = (message: Msg): void => {
    if (message.data.length === 0 && message.headers?.code === 503) {
      fail('no-answer', `The peer is not connected to ${connection.server}.`);
      return;
    }
    try {
      outcome.resolve(dial.complete(message.data));
    } catch (error) {
      if (codeOf(error) !== 'bad-answer') outcome.reject(error);
    }
  };
  const subscription = client.subscribe(inbox, {
    callback: (error, message) => {
      if (error !== null) fail('way-unusable', messageOf(error));
      else answered(message);
    },
  });
  const send = (): void => {
    // While away the client would keep it and send it late; the next repeat does better.
    if (connection.client === client) client.publish(subject, dial.bytes, { reply: inbox });
  };
  const off = [
    connection.on('denied', (operation, denied) => {
      if (denied === subject || denied === inbox) {
        fail('way-unusable', `${connection.server} does not allow ${operation} of ${denied}.`);
      }
    }),
    connection.on('lost', (reason) => fail('way-unusable', reason.message)),
    connection.on('back', send),
  ];
  const aborted = (): void => outcome.reject(signal.reason);
  signal.addEventListener('abort', aborted);
  const repeat = setInterval(send, REPEAT_MS);
  try {
    send();
    return await outcome.promise;
  } finally {
    clearInterval(repeat);
    signal.removeEventListener('abort', aborted);
    for (const stop of off) stop();
    if (!client.isClosed()) subscription.unsubscribe();
  }
}
