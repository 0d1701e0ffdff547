/** What the desktop app is told on its command line. */
import { resolve } from 'node:path';
import { DesktopError } from './errors.ts';
import { findDeepLink, isLink } from './links.ts';

export interface DesktopOptions {
  /** The data folder, absolute. */
  readonly home: string;
  /** Start in the tray alone, as at login. */
  readonly hidden: boolean;
  /** The `skerry://` link that the system started the app for. */
  readonly link: string | undefined;
}

/**
 * Reads the app's own arguments. Chromium's switches (`--ozone-platform=…`), and from a checkout the app's folder,
 * stand among them and are not ours to judge: whatever is not ours is let through.
 *
 * @param args the arguments behind the executable
 * @param defaultHome where the data is without `--home`
 * @throws DesktopError `desktop-option`
 */
export function parseOptions(args: readonly string[], defaultHome: string): DesktopOptions {
  let home: string | undefined;
  let hidden = false;
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    // What follows a link comes from whoever made the link.
    if (isLink(arg)) break;
    if (arg === '--hidden') hidden = true;
    else if (arg.startsWith('--home=')) home = arg.slice('--home='.length);
    else if (arg === '--home') home = args[(index += 1)] ?? '';
  }
  if (home !== undefined && (home === '' || home.startsWith('-') || home.includes('\0'))) {
    throw new DesktopError('desktop-option', 'The option --home needs a folder.');
  }
  return { home: resolve(home ?? defaultHome), hidden, link: findDeepLink(args) };
}
