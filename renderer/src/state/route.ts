/** The places of the interface, as fragments of the address: they work over http and in the desktop app. */
export type Route =
  | { readonly page: 'peers' }
  /** `invite`: a link that was opened outside, to be looked at in the add dialog. */
  | { readonly page: 'add'; readonly invite: string }
  | { readonly page: 'contact'; readonly key: string }
  | { readonly page: 'offers' }
  | {
      readonly page: 'browse';
      readonly peer: string;
      readonly share: string;
      readonly path: string;
    }
  | { readonly page: 'shares' }
  | { readonly page: 'transfers' }
  | { readonly page: 'services' }
  | { readonly page: 'settings' };

/** Unknown fragments lead to the start. */
export function parseRoute(fragment: string): Route {
  const parts = fragment.replace(/^#\/?/, '').split('/').map(decode);
  const [section, second, third, fourth, ...rest] = parts;
  if (section === 'settings' || section === 'services') return { page: section };
  if (section === 'files') {
    if (second === 'shares') return { page: 'shares' };
    if (second === 'transfers') return { page: 'transfers' };
    if (third && fourth)
      return { page: 'browse', peer: third, share: fourth, path: rest.join('/') };
    return { page: 'offers' };
  }
  if (second === 'add' && third) return { page: 'add', invite: third };
  if (section === 'peers' && second) return { page: 'contact', key: second };
  return { page: 'peers' };
}

/** The fragment of a place, with `#`. */
export function formatRoute(route: Route): string {
  switch (route.page) {
    case 'peers':
    case 'services':
    case 'settings':
      return `#/${route.page}`;
    case 'add':
      return `#/peers/add/${encodeURIComponent(route.invite)}`;
    case 'contact':
      return `#/peers/${route.key}`;
    case 'offers':
    case 'shares':
    case 'transfers':
      return `#/files/${route.page}`;
    case 'browse': {
      const parts = [route.peer, route.share, ...(route.path === '' ? [] : route.path.split('/'))];
      return `#/files/offers/${parts.map(encodeURIComponent).join('/')}`;
    }
  }
}

/** The entry of the navigation that a place belongs to. */
export function sectionOf(route: Route): 'peers' | 'files' | 'services' | 'settings' {
  switch (route.page) {
    case 'peers':
    case 'add':
    case 'contact':
      return 'peers';
    case 'services':
    case 'settings':
      return route.page;
    default:
      return 'files';
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a stray `%` typed into the address bar
  }
}
