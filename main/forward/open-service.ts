import { codeOf } from '../base/errors.ts';
import { readFrame } from '../link/framing.ts';
import type { PeerKey } from '../identity/types.ts';
import type { Links, Stream } from '../link/types.ts';
import { ForwardError } from './errors.ts';
import { errorOfLink, errorOfRefusal } from './refusal.ts';
import { CONNECT_TIMEOUT_MS } from './target.ts';
import { Answer, FORWARD_PROTOCOL, MAX_ANSWER_BYTES } from './wire.ts';

/**
 * How long a program waits for a contact that is not linked now. Long enough for a link that is just coming back,
 * short enough that people do not take the program for stuck.
 */
const LINK_WAIT_MS = 5_000;
/** For the link, the other side's connection to its target, and the way there and back. */
const OPEN_MS = LINK_WAIT_MS + CONNECT_TIMEOUT_MS + 5_000;

/**
 * Connects to a contact's service: the stream carries the connection's bytes from here on.
 *
 * @throws ForwardError `service-…`; the signal's reason
 */
export async function openService(
  links: Pick<Links, 'openStream'>,
  peer: PeerKey,
  service: string,
  signal: AbortSignal,
): Promise<Stream> {
  const inTime = AbortSignal.timeout(OPEN_MS);
  const both = AbortSignal.any([signal, inTime]);
  const waitEndsAt = performance.now() + LINK_WAIT_MS;
  try {
    for (;;) {
      const timeoutMs = Math.max(waitEndsAt - performance.now(), 0);
      try {
        return await ask(links, peer, service, timeoutMs, both);
      } catch (error) {
        // A link that has just come up may give way to another one; no byte of the connection has gone yet.
        if (codeOf(error) !== 'link-down' || performance.now() > waitEndsAt) throw error;
      }
    }
  } catch (error) {
    if (signal.aborted) throw error;
    if (inTime.aborted) {
      throw new ForwardError('service-target-unreachable', 'The contact did not answer in time.');
    }
    throw errorOfLink(error);
  }
}

async function ask(
  links: Pick<Links, 'openStream'>,
  peer: PeerKey,
  service: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Stream> {
  const stream = await links.openStream(peer, FORWARD_PROTOCOL, {
    header: { service },
    timeoutMs,
    signal,
  });
  try {
    const answer = Answer.safeParse(await readFrame(stream, MAX_ANSWER_BYTES, signal));
    if (!answer.success) {
      throw new ForwardError('service-misbehaved', 'The contact answered with nonsense.');
    }
    if ('refused' in answer.data) throw errorOfRefusal(answer.data.refused);
    return stream;
  } catch (error) {
    stream.abort();
    throw error;
  }
}
