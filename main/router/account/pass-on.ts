import type { Connection } from '../connection/connection.ts';
import type { Message } from '../connection/message.ts';
import type { Account } from './account.ts';
import { setHeader } from './message-headers.ts';
import { withCopy } from './message-pool.ts';
import type { Passage } from './passage.ts';

export const REQUEST_INFO = 'Nats-Request-Info';

/**
 * Publishes a message of one account in another, whose mappings apply.
 *
 * @param subject and reply ('' for none) as they are called there; wire strings
 * @param info text of the request's header, if it gets one
 * @returns how many got it
 */
export function passOn(
  message: Message,
  from: Connection | undefined,
  account: Account,
  subject: string,
  reply: string,
  passage: Passage,
  info?: string,
): number {
  return withCopy(message, (copy) => {
    copy.via = passage;
    copy.setSubject(account.mapper?.map(subject) ?? subject);
    if (info !== undefined) {
      const payload = copy.size - Math.max(copy.headerSize, 0);
      const headerSize = setHeader(copy, REQUEST_INFO, info);
      copy.setLine(reply, headerSize, headerSize + payload);
    } else if (reply !== '' || copy.replyLength > 0) {
      copy.setLine(reply, copy.headerSize, copy.size);
    }
    return account.deliver(copy, from);
  });
}
