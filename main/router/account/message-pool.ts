/** Messages for those that change what passes through them: as many as imports are nested at a time. */
import { Message } from '../connection/message.ts';

const free: Message[] = [];
/** More than this many nested imports are not kept for later. */
const KEPT = 16;

/** Calls `use` with a second view of `message`, which is valid until it returns. */
export function withCopy<Result>(message: Message, use: (copy: Message) => Result): Result {
  const copy = (free.pop() ?? new Message()).borrow(message);
  try {
    return use(copy);
  } finally {
    if (free.length < KEPT) free.push(copy);
  }
}
