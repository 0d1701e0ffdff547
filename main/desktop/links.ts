/**
 * `skerry://` links that the operating system hands over. Any web page can make one, so a link is data to be shown
 * for confirmation and nothing more; whether an invite is genuine is the peer's to say (`invites.preview`).
 */

/** As long as `invites.preview` takes. */
const MAX_LINK_LENGTH = 8192;

/** The one kind of link there is; the payload is base64url, checked by the peer. */
const INVITE = /^skerry:\/\/invite\/[A-Za-z0-9_-]+$/;

export const LINK_SCHEME = 'skerry';

/**
 * @param text whatever the system, a second start or a page passed on
 * @returns the link in its one spelling, or undefined when this is no link that Skerry knows
 */
export function parseDeepLink(text: string): string | undefined {
  if (text.length > MAX_LINK_LENGTH) return undefined;
  // Schemes and hosts are case-insensitive, and some systems put a slash behind what they pass on.
  const link = text.replace(/^skerry:\/\/invite(?=\/)/i, 'skerry://invite').replace(/\/$/, '');
  return INVITE.test(link) ? link : undefined;
}

/**
 * The link in the arguments of a start. Everything else in the arguments of a second start is ignored: a page that
 * gets an odd link opened must not be able to add options.
 */
export function findDeepLink(argv: readonly string[]): string | undefined {
  const candidate = argv.find(isLink);
  return candidate === undefined ? undefined : parseDeepLink(candidate);
}

/** Whether an argument is meant as a link, known or not. */
export function isLink(arg: string): boolean {
  return arg.slice(0, LINK_SCHEME.length + 1).toLowerCase() === `${LINK_SCHEME}:`;
}

/** Holds the newest link until the window listens, and passes on those that come later. */
export class LinkInbox {
  #pending: string | undefined;
  #deliver: ((link: string) => void) | undefined;

  /** Takes what the system passed on; says whether it was a link. */
  offer(text: string | undefined): boolean {
    const link = text === undefined ? undefined : parseDeepLink(text);
    if (link === undefined) return false;
    if (this.#deliver === undefined) this.#pending = link;
    else this.#deliver(link);
    return true;
  }

  /** From now on links go to `deliver`, first the one that waits. */
  listen(deliver: (link: string) => void): void {
    this.#deliver = deliver;
    const link = this.#pending;
    this.#pending = undefined;
    if (link !== undefined) deliver(link);
  }

  /** The window is gone or loads anew: links wait again. */
  pause(): void {
    this.#deliver = undefined;
  }
}
