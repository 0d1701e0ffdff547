import type { Contact, Contacts, Invite, Invites, PeerKey, Way } from '../identity/types.ts';
import { formatInvite, looksLikeInvite, parseInvite } from '../identity/invite-link.ts';
import { isPeerKey } from '../base/nkey.ts';
import { parseWay } from '../identity/way.ts';
import type { ReceivedInvites } from '../identity/received-invites.ts';
import { PeerError } from './errors.ts';
import type { PeerContacts } from './types.ts';

/** How long `add` waits for the first link before it answers that the other side has yet to accept. */
const FIRST_LINK_MS = 5000;

export interface PeerContactsOptions {
  readonly own: PeerKey;
  readonly name: () => string;
  readonly contacts: Contacts;
  readonly invites: Invites;
  readonly receivedInvites: ReceivedInvites;
  /** Resolves when there is a link to `key`; rejects when the attempt failed. */
  readonly connect: (key: PeerKey) => Promise<void>;
  /** How others reach this peer now. */
  readonly ways: () => Way[];
  readonly now: () => number;
}

/** What a person does with contacts, over the stored contacts and the links. */
export function createPeerContacts(options: PeerContactsOptions): PeerContacts {
  const { contacts, invites, receivedInvites, now } = options;

  function known(key: PeerKey): Contact {
    const contact = contacts.get(key);
    if (contact === undefined) {
      throw new PeerError(
        'contact-unknown',
        `There is no contact with the key ${key.slice(0, 64)}.`,
      );
    }
    return contact;
  }

  /** What the target says about whom to add; nothing is changed yet. */
  function read(target: string, at: string | undefined): AddTarget {
    const text = target.trim();
    if (looksLikeInvite(text)) {
      const invite = parseInvite(text);
      if (invite.expiresAt <= now()) {
        throw new PeerError('invite-expired', `The invite of ${invite.name} has expired.`);
      }
      return { key: invite.key, name: invite.name, ways: invite.ways, invite };
    }
    if (!isPeerKey(text)) {
      throw new PeerError('contact-target', 'This is neither an invite link nor a peer key.');
    }
    const ways = at === undefined ? [] : [parseWay(at)];
    return { key: text, name: text.slice(0, 8), ways, invite: null };
  }

  async function add(
    target: string,
    at: string | undefined,
    signal: AbortSignal,
  ): Promise<Contact> {
    const { key, name, ways, invite } = read(target, at);
    if (key === options.own) {
      throw new PeerError('contact-self', 'This is the invite or the key of this very peer.');
    }
    const stored = contacts.get(key);
    if (stored?.state === 'blocked') {
      throw new PeerError('contact-blocked', `${stored.name} was blocked here.`);
    }
    if (invite !== null) receivedInvites.put(invite);
    // They asked us before, and now we name them ourselves: both have agreed.
    const agreed = stored?.state === 'requested' || stored?.state === 'accepted';
    contacts.put(key, {
      state: agreed ? 'accepted' : 'invited',
      ...(stored === undefined && { name }),
    });
    contacts.learnWays(key, ways);
    await firstLink(options.connect(key), signal);
    return known(key);
  }

  return {
    list: () => contacts.list(),
    get: (key) => contacts.get(key),
    createInvite() {
      const ways = options.ways();
      if (ways.length === 0) {
        throw new PeerError('no-way-in', 'This peer cannot be reached by anyone now.');
      }
      const invite = invites.create(options.name(), ways, now());
      return { link: formatInvite(invite), expiresAt: invite.expiresAt };
    },
    previewInvite: (link) => parseInvite(link),
    add,
    accept(key) {
      known(key);
      return contacts.put(key, { state: 'accepted' });
    },
    block(key) {
      known(key);
      receivedInvites.remove(key);
      return contacts.put(key, { state: 'blocked' });
    },
    setRelay(key, on) {
      known(key);
      return contacts.put(key, { relay: on });
    },
    remove(key) {
      known(key);
      receivedInvites.remove(key);
      contacts.remove(key);
    },
    onChange: (listener) => contacts.onChange(listener),
  };
}

interface AddTarget {
  readonly key: PeerKey;
  readonly name: string;
  readonly ways: readonly Way[];
  readonly invite: Invite | null;
}

/** Waits for the first link, and not for long: without one the contact stays as it is, and the links go on trying. */
async function firstLink(connected: Promise<void>, signal: AbortSignal): Promise<void> {
  const enough = AbortSignal.any([signal, AbortSignal.timeout(FIRST_LINK_MS)]);
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = (): void => resolve();
  enough.addEventListener('abort', stop, { once: true });
  // What failed is shown as the contact's state, and is tried again.
  await Promise.race([connected.catch(() => undefined), promise]);
  enough.removeEventListener('abort', stop);
}
