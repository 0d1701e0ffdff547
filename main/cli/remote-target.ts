/** `<peer>[/<share>[/path]]`: whose, which share, and what of it. */
import type { ApiClient, ContactInfo, OfferInfo } from '../api/contract.ts';
import { whileConnected } from './connection.ts';
import { CliError } from './errors.ts';
import { shortKey } from './output/human.ts';
import { printable } from './output/printable.ts';
import type { Terminal } from './output/terminal.ts';
import { contactKind, isChosen, matching, offerKind, only } from './resolve.ts';

const OFFLINE_WAIT_MS = 10_000;
/** Right after a link came up the first announcement of shares is still on its way. */
const SILENT_WAIT_MS = 3_000;

interface Cut {
  readonly head: string;
  readonly rest: string;
}

/** Every way to cut the text in two at a slash, the shortest head first: names may hold slashes themselves. */
export function cuts(text: string): Cut[] {
  const trimmed = text.replace(/\/+$/, '');
  const slashes = [...trimmed.matchAll(/\/+/g)];
  return [
    ...slashes.map(({ index, 0: slash }) => ({
      head: trimmed.slice(0, index),
      rest: trimmed.slice(index + slash.length),
    })),
    { head: trimmed, rest: '' },
  ].filter(({ head }) => head !== '');
}

/** The first cut whose head stands for something in `things`, and all that it can stand for. */
function firstMatch<Thing>(
  text: string,
  match: (head: string) => Thing[],
): { found: Thing[]; cut: Cut } | undefined {
  for (const cut of cuts(text)) {
    const found = match(cut.head);
    if (found.length > 0) return { found, cut };
  }
  return undefined;
}

export interface ContactTarget {
  readonly contact: ContactInfo;
  /** What stands behind the contact, without slashes at its ends. */
  readonly rest: string;
}

/**
 * Whose part of the target.
 *
 * @throws CliError `contact-not-found`, `ambiguous`, `contact-not-accepted`
 */
export async function contactOfTarget(api: ApiClient, target: string): Promise<ContactTarget> {
  const contacts = await api.call('contacts.list', {});
  const chosen = contacts.filter(isChosen);
  const match =
    firstMatch(target, (head) => matching(contactKind, chosen, head)) ??
    firstMatch(target, (head) => matching(contactKind, contacts, head));
  const head = match?.cut.head ?? cuts(target)[0]?.head ?? target;
  const contact = only(contactKind, match?.found ?? [], head);
  if (!isChosen(contact)) {
    throw new CliError(
      'contact-not-accepted',
      `"${printable(contact.name)}" is ${contact.state}.`,
      {
        hint: `Accept it first with \`skerry peers accept ${contact.key}\`.`,
      },
    );
  }
  return { contact, rest: match?.cut.rest ?? '' };
}

/**
 * What a contact offers, once `enough` of it is known: waits a while for a contact that is just coming
 * online, and never for one that is.
 *
 * @throws CliError `contact-offline`
 */
export async function offersOf(
  api: ApiClient,
  terminal: Terminal,
  contact: ContactInfo,
  enough: (offers: readonly OfferInfo[]) => boolean,
): Promise<OfferInfo[]> {
  const offers = async (): Promise<OfferInfo[]> =>
    (await api.call('offers.list', {})).filter(({ peer }) => peer === contact.key);
  const online = async (): Promise<boolean> =>
    (await api.call('contacts.list', {})).some(({ key, online: is }) => key === contact.key && is);

  const changes = new Changes(api, contact.key);
  try {
    const start = Date.now();
    let told = false;
    for (;;) {
      const known = await offers();
      if (enough(known)) return known;
      const reachable = await online();
      if (reachable && known.length > 0) return known;
      const left = start + (reachable ? SILENT_WAIT_MS : OFFLINE_WAIT_MS) - Date.now();
      if (left <= 0 && (reachable || known.length > 0)) return known;
      if (left <= 0) {
        throw new CliError('contact-offline', `"${printable(contact.name)}" is not online.`);
      }
      if (!reachable && !told) terminal.note(`Waiting for ${printable(contact.name)} …`);
      told = true;
      await whileConnected(api, changes.next(left));
    }
  } finally {
    changes.stop();
  }
}

/** Waits for the next event about a contact or its offers; one that came in between counts. */
class Changes {
  #changed = false;
  #wake: (() => void) | null = null;
  readonly stop: () => void;

  constructor(api: ApiClient, peer: string) {
    this.stop = api.onEvent(({ event, subject }) => {
      if (event !== 'contact' && event !== 'offer') return;
      if (subject !== peer && !subject.startsWith(`${peer}/`)) return;
      this.#changed = true;
      this.#wake?.();
    });
  }

  async next(timeoutMs: number): Promise<void> {
    if (!this.#changed) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#wake = null;
    this.#changed = false;
  }
}

export interface OfferTarget {
  readonly contact: ContactInfo;
  readonly offer: OfferInfo;
  /** Below the share's root; empty for all of it. */
  readonly path: string;
}

/**
 * The offer and the path in it that a target names. `rest` is what stands behind the contact, not empty.
 *
 * @throws CliError `share-not-found`, `ambiguous`, `contact-offline`
 */
export async function offerOfTarget(
  api: ApiClient,
  terminal: Terminal,
  { contact, rest }: ContactTarget,
): Promise<OfferTarget> {
  const find = (offers: readonly OfferInfo[]) =>
    firstMatch(rest, (head) => matching(offerKind, offers, head));
  const offers = await offersOf(api, terminal, contact, (known) => find(known) !== undefined);
  const match = find(offers);
  if (match === undefined) {
    const name = printable(contact.name);
    throw new CliError('share-not-found', `"${name}" offers no share "${printable(rest)}".`, {
      hint: `See what there is with \`skerry ls ${shortKey(contact.key)}\`.`,
    });
  }
  const offer = only(offerKind, match.found, match.cut.head);
  // Manifests hold paths in NFC; what is typed or completed on macOS may be in NFD.
  return { contact, offer, path: match.cut.rest.normalize('NFC') };
}
