/**
 * The browser's session with the UI server: a one-time token from the address is exchanged for a cookie.
 * The token stands in the fragment, which browsers never send, and leaves the address bar at once.
 */

/** Takes the token out of the address, if there is one, so that neither history nor bookmarks keep it. */
export function takeToken(location: Location, history: History): string | undefined {
  const token = tokenOf(location.hash);
  if (token === undefined) return undefined;
  history.replaceState(null, '', location.pathname + location.search);
  return token;
}

/** The token of a fragment `#token=…`; undefined for every other fragment. */
export function tokenOf(fragment: string): string | undefined {
  if (!fragment.startsWith('#token=')) return undefined;
  return new URLSearchParams(fragment.slice(1)).get('token') ?? undefined;
}

/** True when the peer took the token and set the cookie; false when it was used, old or wrong. */
export async function exchangeToken(token: string, signal: AbortSignal): Promise<boolean> {
  const response = await fetch('/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
    signal,
  });
  return response.ok;
}

/** Whether the cookie of an earlier exchange still counts; throws when the peer cannot be reached. */
export async function hasSession(signal: AbortSignal): Promise<boolean> {
  const response = await fetch('/session', { cache: 'no-store', signal });
  if (response.ok) return true;
  if (response.status === 401 || response.status === 403) return false;
  throw new Error(`The peer answered ${response.status}.`);
}
