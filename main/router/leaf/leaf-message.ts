import { parseSize } from '../protocol/arguments.ts';

/** The control line of a message between leaf nodes. */
export interface LeafMessageLine {
  readonly subject: string;
  /** '' for none. */
  readonly reply: string;
  /** -1 without headers. */
  readonly headerSize: number;
  /** Headers and payload. */
  readonly size: number;
  /** The groups that it is for beside plain subscriptions. */
  readonly queues: readonly string[];
}

/**
 * `LMSG subject [reply] size`, with groups `LMSG subject + reply q1 q2 size` or `LMSG subject | q1 q2 size`; HMSG
 * has the header size before the size.
 *
 * @param tokens without the verb
 * @returns undefined when it is none
 */
export function parseLeafMessage(
  tokens: readonly string[],
  withHeaders: boolean,
): LeafMessageLine | undefined {
  const sizes = withHeaders ? 2 : 1;
  const end = tokens.length - sizes;
  const size = parseSize(tokens.at(-1));
  const headers = withHeaders ? parseSize(tokens.at(-2)) : 0;
  if (end < 1 || size < 0 || headers < 0 || headers > size) return undefined;
  const subject = tokens[0] as string;
  // Headers of no bytes are none.
  const headerSize = headers === 0 ? -1 : headers;
  if (end <= 2) {
    return { subject, reply: end === 2 ? (tokens[1] as string) : '', headerSize, size, queues: [] };
  }
  const indicator = tokens[1];
  if (indicator === '|') {
    return { subject, reply: '', headerSize, size, queues: tokens.slice(2, end) };
  }
  if (indicator !== '+') return undefined;
  return { subject, reply: tokens[2] as string, headerSize, size, queues: tokens.slice(3, end) };
}
