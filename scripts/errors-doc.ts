/**
 * docs/errors.md from the error tables of all parts. `--write` writes it; without, the text goes to stdout.
 * A test keeps file and tables in step.
 */
import { globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ErrorTable } from '../main/base/errors.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Every table that an `errors.ts` or `wire-errors.ts` below main/ exports under a name ending in `Errors`. */
export async function errorTables(): Promise<Map<string, ErrorTable>> {
  const files = globSync('main/**/errors.ts', { cwd: root })
    .filter((file) => !file.includes('base'))
    .sort();
  const tables = new Map<string, ErrorTable>();
  for (const file of files) {
    const exported = (await import(join(root, file))) as Record<string, unknown>;
    for (const [name, value] of Object.entries(exported)) {
      if (name.endsWith('Errors') && typeof value === 'object' && value !== null) {
        tables.set(file.replaceAll('\\', '/'), value as ErrorTable);
      }
    }
  }
  return tables;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** The whole text of docs/errors.md. */
export async function errorsDocument(): Promise<string> {
  const lines = [
    '# Errors',
    '',
    'Every error has a stable code, a sentence for people and what to do. On the command line they stand after',
    '`skerry:`, with `--json` as `{"error":{"code","message","hint"}}`. Written by',
    '`node scripts/errors-doc.ts --write` from the tables in the sources.',
  ];
  for (const [file, table] of await errorTables()) {
    lines.push('', `## ${file.split('/').slice(1, -1).join(' / ')}`, '');
    lines.push('| code | meaning | what to do |', '| --- | --- | --- |');
    for (const [code, { meaning, hint }] of Object.entries(table)) {
      lines.push(`| \`${code}\` | ${cell(meaning)} | ${cell(hint)} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = await errorsDocument();
  if (process.argv.includes('--write')) writeFileSync(join(root, 'docs/errors.md'), text);
  else process.stdout.write(text);
}
