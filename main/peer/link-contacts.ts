import type { ReceivedInvites } from '../identity/received-invites.ts';
import { formatWay } from '../identity/way.ts';
import type { Contacts, Invites, PeerKey, Way } from '../identity/types.ts';
import type { TransientWays } from '../link/discovery/discovery.ts';
import type { LinkContacts } from '../link/types.ts';

export interface LinkContactsOptions {
  readonly contacts: Contacts;
  readonly invites: Invites;
  readonly receivedInvites: Pick<ReceivedInvites, 'get' | 'remove'>;
  /** Where contacts are on the local network now: tried first, never stored. */
  readonly nearby: TransientWays;
  /** Through whom they can be reached now: tried last, never stored. */
  readonly relays: TransientWays;
  readonly now: () => number;
  /** A stranger became a `requested` contact. */
  readonly onRequest: (key: PeerKey) => void;
  /** A contact we asked has accepted, or one used our invite. */
  readonly onAccepted: (key: PeerKey) => void;
}

/** What the links ask about keys, answered from the stored contacts and invites. */
export function createLinkContacts(options: LinkContactsOptions): LinkContacts {
  const { contacts, invites, receivedInvites, nearby, relays } = options;
  /** Who used an invite of ours and is not linked yet: told to people when their name is known. */
  const guests = new Set<PeerKey>();
  return {
    stateOf: (key) => contacts.get(key)?.state,
    waysOf: (key) =>
      withoutRepeats([
        ...nearby.waysOf(key),
        ...(contacts.get(key)?.ways ?? []),
        ...relays.waysOf(key),
      ]),
    wanted: () =>
      contacts
        .list()
        .filter(({ state }) => state === 'accepted' || state === 'invited')
        .map(({ key }) => key),
    noteRequest(key, name, way) {
      const known = contacts.get(key);
      if (known !== undefined && known.state !== 'requested') return;
      contacts.put(key, { state: 'requested', name });
      if (way !== null) contacts.learnWays(key, [way]);
      if (known === undefined) options.onRequest(key);
    },
    noteLinked(key, name, ways: readonly Way[]) {
      const known = contacts.get(key);
      if (known === undefined || (known.state !== 'accepted' && known.state !== 'invited')) return;
      const accepted = known.state === 'invited' || guests.delete(key);
      contacts.put(key, {
        name,
        lastSeenAt: options.now(),
        state: 'accepted',
      });
      contacts.learnWays(key, ways);
      receivedInvites.remove(key);
      if (accepted) options.onAccepted(key);
    },
    redeem(id, proof, message, by, now) {
      const redeemed = invites.redeem(id, proof, message, by, now);
      if (redeemed) guests.add(by);
      return redeemed;
    },
    inviteProof(key, message) {
      const invite = receivedInvites.get(key);
      if (invite === undefined || invite.expiresAt <= options.now()) return undefined;
      return { id: invite.id, proof: invites.prove(invite, message) };
    },
    onChange(listener) {
      const ends = [
        contacts.onChange((key) => listener(key)),
        nearby.onSeen(listener),
        relays.onSeen(listener),
      ];
      return () => {
        for (const end of ends) end();
      };
    },
  };
}

function withoutRepeats(ways: readonly Way[]): Way[] {
  return [...new Map(ways.map((way) => [formatWay(way), way])).values()];
}
