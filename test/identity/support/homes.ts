import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { masterKeyPath } from '../../../main/identity/open-identity.ts';
import type { Protection } from '../../../main/identity/key-file/protection.ts';

/** A fresh folder for each test of a file, removed after it. Call at the top of the file. */
export function freshHome(): { readonly path: string } {
  let path = '';
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'skerry-identity-'));
  });
  afterEach(() => rmSync(path, { recursive: true, force: true }));
  return {
    get path() {
      return path;
    },
  };
}

export function keyFileOf(home: string): Protection {
  return { kind: 'key-file', path: masterKeyPath(home) };
}

/** A protection that costs no scrypt and no file. */
export const osProtection: Protection = { kind: 'os', key: new Uint8Array(32).fill(7) };
