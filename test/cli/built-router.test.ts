import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const loader = fileURLToPath(new URL('../../main/cli/built-router.ts', import.meta.url));

/** What a built router is to its loader: a script with a mark, which has been running for a moment when it ends. */
const PROGRAM = `//0123456789abcdef
exports.runRouter = (words) => new Promise((resolve) => {
  console.log('serves ' + words.join(' '));
  setTimeout(() => resolve(3), 1200);
});`;
const ENTRY = `import { loadBuiltRouter } from './built-router.ts';
process.exitCode = await loadBuiltRouter().runRouter(['-p', '-1']);`;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'skerry-built-'));
  for (const folder of ['main/cli', 'main/router/operate'])
    mkdirSync(join(root, folder), { recursive: true });
  copyFileSync(loader, join(root, 'main/cli/built-router.ts'));
  writeFileSync(join(root, 'main/cli/entry.mts'), ENTRY);
  writeFileSync(join(root, 'main/router/operate/run.cjs'), PROGRAM);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Runs it to its end. */
function start(): { output: string; code: number | null } {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(root, 'main/cli/entry.mts')],
    { encoding: 'utf8' },
  );
  return { output: stdout + stderr, code: status };
}

const served = { output: 'serves -p -1\n', code: 3 };

describe('built router', () => {
  test('keeps what V8 has compiled, and starts all the same when that is damaged', () => {
    expect(start()).toEqual(served);
    const kept = readdirSync(join(root, '.code-cache'));
    expect(kept).toEqual([`router-${process.version}-0123456789abcdef`]);
    writeFileSync(join(root, '.code-cache', kept[0] ?? ''), 'not what V8 wrote');
    expect(start()).toEqual(served);
  });

  test('starts where nothing can be kept', () => {
    writeFileSync(join(root, '.code-cache'), 'no folder');
    expect(start()).toEqual(served);
  });
});
