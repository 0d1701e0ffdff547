import { existsSync, readFileSync } from 'node:fs';

/** The version in the nearest package.json above this file: the sources' or the compiled one's. */
export function packageVersion(): string {
  for (const up of ['../../', '../../../']) {
    const file = new URL(`${up}package.json`, import.meta.url);
    if (!existsSync(file)) continue;
    const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    if (name === 'skerry' && typeof version === 'string') return version;
  }
  return 'unknown';
}
