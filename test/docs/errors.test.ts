import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorTables, errorsDocument } from '../../scripts/errors-doc.ts';

test('errors - docs/errors.md says what the tables say', async () => {
  const written = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  // How prettier pads the columns is not of interest.
  const bare = (text: string): string => text.replace(/ +\|/g, ' |').replace(/\| -+/g, '| -');
  expect(bare(written)).toBe(bare(await errorsDocument()));
});

test('errors - a code is kebab-case, stands in one table only, and says what to do', async () => {
  const seen = new Map<string, string>();
  for (const [file, table] of await errorTables()) {
    for (const [code, { meaning, hint }] of Object.entries(table)) {
      expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(seen.get(code), `${code} stands in ${file} too`).toBeUndefined();
      seen.set(code, file);
      expect(meaning).toMatch(/^[A-Z].*\.$/);
      expect(hint).toMatch(/^[A-Z`].*\.$/);
    }
  }
  expect(seen.size).toBeGreaterThan(20);
});
