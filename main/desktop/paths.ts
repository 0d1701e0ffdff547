/** Where the app's own files are, from the sources as from `dist/`, packed as unpacked. */
import { fileURLToPath } from 'node:url';

const root = new URL(import.meta.url.endsWith('.ts') ? '../../' : '../../../', import.meta.url);

const at = (path: string): string => fileURLToPath(new URL(path, root));

export const appPaths = {
  renderer: at('dist/renderer'),
  preload: at('dist/preload/preload.cjs'),
  passphrasePreload: at('dist/preload/passphrase.cjs'),
  /** Icons. */
  resources: at('resources'),
} as const;
