/**
 * From what a person typed to the one thing that is meant. Contacts name themselves, so a name never wins
 * over another reading: whoever calls himself like the start of somebody's key, or like another contact,
 * makes the name ambiguous and gains nothing.
 */
import type {
  ApiClient,
  ContactInfo,
  OfferInfo,
  ShareInfo,
  TransferInfo,
} from '../api/contract.ts';
import { CliError, type CliErrorCode } from './errors.ts';
import { shortKey } from './output/human.ts';
import { printable } from './output/printable.ts';

/** Starts of keys and ids shorter than this are not looked at: too many names are that short. */
const SHORTEST_PREFIX = 4;
const LISTED_CANDIDATES = 5;

/** How things of one kind are told apart and spoken of. */
export interface Kind<Thing> {
  /** `contact`, `share`. */
  readonly word: string;
  readonly missing: CliErrorCode;
  readonly id: (thing: Thing) => string;
  readonly name: (thing: Thing) => string | null;
  /** Ids are written in capitals (keys). */
  readonly capitals?: boolean;
}

export const contactKind: Kind<ContactInfo> = {
  word: 'contact',
  missing: 'contact-not-found',
  id: ({ key }) => key,
  name: ({ name }) => name,
  capitals: true,
};
export const shareKind: Kind<ShareInfo> = {
  word: 'share',
  missing: 'share-not-found',
  id: ({ id }) => id,
  name: ({ name }) => name,
};
export const offerKind: Kind<OfferInfo> = {
  ...shareKind,
  id: ({ id }) => id,
  name: ({ name }) => name,
};
const transferKind: Kind<TransferInfo> = {
  word: 'transfer',
  missing: 'transfer-not-found',
  id: ({ id }) => id,
  name: () => null,
};

/** A name without case, and as it is printed: what people see is what they can type. */
function folded(name: string): string {
  return printable(name).normalize('NFC').toLowerCase();
}

/** Everything `text` can stand for: the thing with that id alone, else all of that name or start of id. */
export function matching<Thing>(
  kind: Kind<Thing>,
  things: readonly Thing[],
  text: string,
): Thing[] {
  const id = kind.capitals === true ? text.toUpperCase() : text;
  const exact = things.find((thing) => kind.id(thing) === id);
  if (exact !== undefined) return [exact];
  return things.filter((thing) => {
    const name = kind.name(thing);
    const named = name !== null && folded(name) === folded(text);
    return named || (text.length >= SHORTEST_PREFIX && kind.id(thing).startsWith(id));
  });
}

/**
 * The only one of `found`.
 *
 * @throws CliError with the kind's `missing` when there is none, `ambiguous` with the candidates when there are more
 */
export function only<Thing>(kind: Kind<Thing>, found: readonly Thing[], text: string): Thing {
  const [first, ...others] = found;
  if (first === undefined) {
    throw new CliError(kind.missing, `There is no ${kind.word} "${printable(text)}".`);
  }
  if (others.length === 0) return first;
  const listed = found
    .slice(0, LISTED_CANDIDATES)
    .map((one) =>
      [kind.name(one), shortKey(kind.id(one))].filter((part) => part !== null).join(' '),
    );
  const more = found.length - listed.length;
  throw new CliError(
    'ambiguous',
    `"${printable(text)}" can be ${found.length} ${kind.word}s: ${printable(listed.join(', '))}${more > 0 ? ` and ${more} more` : ''}.`,
  );
}

/**
 * The contact that is meant.
 *
 * @param preferred those that the command is about; others count only when none of these matches
 */
export async function findContact(
  api: ApiClient,
  text: string,
  preferred: (contact: ContactInfo) => boolean = () => true,
): Promise<ContactInfo> {
  const found = matching(contactKind, await api.call('contacts.list', {}), text);
  const wanted = found.filter(preferred);
  return only(contactKind, wanted.length > 0 ? wanted : found, text);
}

/** Contacts that files can go to and come from: strangers who ask under a known name do not get in the way. */
export function isChosen({ state }: ContactInfo): boolean {
  return state === 'accepted' || state === 'invited';
}

export async function findShare(api: ApiClient, text: string): Promise<ShareInfo> {
  return only(shareKind, matching(shareKind, await api.call('shares.list', {}), text), text);
}

export async function findTransfer(api: ApiClient, text: string): Promise<TransferInfo> {
  return only(
    transferKind,
    matching(transferKind, await api.call('transfers.list', {}), text),
    text,
  );
}
