import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { codeOf } from '../../base/errors.ts';

export interface StaticFile {
  readonly type: string;
  readonly cacheControl: string;
  readonly bytes: Buffer;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** Vite's name for a file whose content can never change: `assets/<name>-<hash>.<ext>`. */
const HASHED = /^\/assets\/.+-[\w-]{8,}\.\w+$/;

/**
 * Reads the built UI into memory, by the path of its address. Only these can be served, so no address can
 * lead out of the folder; and a build that is replaced underneath stays whole until the next start.
 *
 * @returns an empty map when there is no build
 */
export async function readStaticFiles(root: string): Promise<ReadonlyMap<string, StaticFile>> {
  const files = new Map<string, StaticFile>();
  for (const path of await regularFiles(root)) {
    const address = `/${relative(root, path).split(sep).join('/')}`;
    files.set(address, {
      type: TYPES[extname(path)] ?? 'application/octet-stream',
      cacheControl: HASHED.test(address) ? 'public, max-age=31536000, immutable' : 'no-store',
      bytes: await readFile(path),
    });
  }
  const index = files.get('/index.html');
  if (!index) return new Map();
  return files.set('/', index);
}

async function regularFiles(root: string): Promise<string[]> {
  try {
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
