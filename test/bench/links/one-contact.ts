import type { PeerKey, Way } from '../../../main/identity/types.ts';
import type { LinkContacts } from '../../../main/link/types.ts';

/** The contacts of a peer that has one, accepted for good. Without ways it waits to be dialled. */
export function oneContact(key: PeerKey, ways: readonly Way[]): LinkContacts {
  return {
    stateOf: (other) => (other === key ? 'accepted' : undefined),
    waysOf: () => ways,
    wanted: () => [key],
    noteRequest: () => undefined,
    noteLinked: () => undefined,
    redeem: () => false,
    inviteProof: () => undefined,
    onChange: () => () => undefined,
  };
}
