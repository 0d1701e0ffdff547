import { codeOf, messageOf } from '../../base/errors.ts';
import type { PeerKey } from '../../identity/types.ts';
import { LinkError } from '../errors.ts';
import type { LinkManager } from '../links.ts';
import type { Stream } from '../types.ts';
import { FrameReader } from './frame-reader.ts';
import {
  frameOf,
  readAnswer,
  RELAY_PROTOCOL,
  type RelayHeader,
  type RelayRefusal,
} from './wire.ts';

/** What relaying needs of the links. */
export type RelayLinks = Pick<
  LinkManager,
  'openStream' | 'handle' | 'announce' | 'on' | 'get' | 'list' | 'pathOf'
>;

const REFUSED = {
  'relay-off': 'The contact in between does not relay for this peer.',
  'relay-unknown': 'The contact in between cannot relay to that peer.',
  'relay-busy': 'The contact in between relays as much as it takes.',
  'relay-too-far': 'There would be too many contacts in between.',
} as const satisfies Record<RelayRefusal, string>;

export interface Opened {
  readonly stream: Stream;
  readonly reader: FrameReader;
}

/**
 * A relayed datagram must not travel over a link that is relayed itself: it could come round to itself, and never
 * leave this computer.
 */
export function isDirect(links: Pick<RelayLinks, 'pathOf'>, peer: PeerKey): boolean {
  const path = links.pathOf(peer);
  return path !== undefined && path !== 'relay';
}

/**
 * Opens a stream to the contact `via`, for a peer behind it.
 *
 * @param first goes out ahead of the answer, when this peer is where the way begins
 * @throws LinkError `relay-…`, `way-unusable`, or the signal's reason; nothing stays open
 */
export async function openThrough(
  links: RelayLinks,
  via: PeerKey,
  header: RelayHeader,
  signal: AbortSignal,
  first?: Uint8Array,
): Promise<Opened> {
  if (!isDirect(links, via)) {
    throw new LinkError('way-unusable', 'There is no direct link to the contact in between.');
  }
  let stream: Stream | undefined;
  try {
    stream = await links.openStream(via, RELAY_PROTOCOL, { header, signal, timeoutMs: 1 });
    if (first !== undefined) await stream.write(frameOf(first), signal);
    const refusal = await readAnswer(stream, signal);
    if (refusal !== undefined) throw new LinkError(refusal, REFUSED[refusal]);
    return { stream, reader: new FrameReader(stream) };
  } catch (cause) {
    stream?.abort();
    signal.throwIfAborted();
    if (codeOf(cause)?.startsWith('relay-') === true) throw cause;
    throw new LinkError('way-unusable', messageOf(cause), { cause });
  }
}
