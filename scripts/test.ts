/**
 * `npm test`: everything that must hold, in one command: build, types, lint, format, layers, dead code, unit,
 * integration and browser tests. Ends with a plain count. `npm test -- <vitest filter>` runs the tests only.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.ts';
import { ensurePartners, leftOut } from './partners.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Check {
  readonly name: string;
  /** Run by this Node: a script and its arguments. */
  readonly command: readonly string[];
}

const bin = (path: string): string => join('node_modules', path);

/** Static checks, in two lanes of about equal length: as many as the machine has cores at the least. */
const lanes: readonly (readonly Check[])[] = [
  [
    { name: 'lint', command: [bin('eslint/bin/eslint.js'), '.', '--max-warnings', '0'] },
    { name: 'dead code', command: [bin('knip/bin/knip.js')] },
  ],
  [
    { name: 'types', command: [bin('typescript/bin/tsc'), '-p', 'tsconfig.json'] },
    {
      name: 'types of the renderer',
      command: [
        bin('svelte-check/bin/svelte-check'),
        '--tsconfig',
        'renderer/tsconfig.json',
        '--fail-on-warnings',
      ],
    },
    {
      name: 'format',
      command: [bin('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'],
    },
    {
      name: 'layers',
      command: [
        bin('dependency-cruiser/bin/dependency-cruiser.mjs'),
        'main',
        'preload',
        'renderer',
        'test',
        'scripts',
      ],
    },
  ],
];

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

function run(command: readonly string[], quiet: boolean): Promise<{ ok: boolean; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, command, {
      cwd: root,
      stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
    });
    let output = '';
    child.stdout?.on('data', (text: Buffer) => (output += text.toString()));
    child.stderr?.on('data', (text: Buffer) => (output += text.toString()));
    child.on('error', (error) => resolve({ ok: false, output: error.message }));
    child.on('close', (code) => resolve({ ok: code === 0, output }));
  });
}

async function runChecks(tally: Tally): Promise<void> {
  await Promise.all(
    lanes.map(async (lane) => {
      for (const check of lane) {
        const began = performance.now();
        const { ok, output } = await run(check.command, true);
        const seconds = ((performance.now() - began) / 1000).toFixed(1);
        console.log(`${ok ? 'ok    ' : 'FAILED'} ${check.name} (${seconds} s)`);
        if (!ok) console.log(output.trimEnd());
        if (ok) tally.passed += 1;
        else tally.failed += 1;
      }
    }),
  );
}

async function runTests(tally: Tally, filters: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-test-'));
  const report = join(folder, 'report.json');
  try {
    const { ok } = await run(
      [
        bin('vitest/vitest.mjs'),
        'run',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
        ...filters,
      ],
      false,
    );
    let counted = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };
    try {
      counted = JSON.parse(readFileSync(report, 'utf8')) as typeof counted;
    } catch {
      console.log('FAILED the test runner left no report');
    }
    tally.passed += counted.numPassedTests;
    tally.failed += counted.numFailedTests;
    tally.skipped += counted.numPendingTests + counted.numTodoTests;
    // A file that does not even load fails the run without a failed test.
    if (!ok && counted.numFailedTests === 0) tally.failed += 1;
    if (ok && counted.numPassedTests === 0) {
      console.log('FAILED no test was run');
      tally.failed += 1;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<number> {
  const filters = process.argv.slice(2);
  const without = leftOut();
  for (const partner of without) {
    console.log(`LEFT OUT by SKERRY_TEST_WITHOUT: every suite that needs ${partner}`);
  }
  ensurePartners(without);
  const built = build();
  if (built.length > 0) console.log(`ok     built ${built.join(', ')}`);
  const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
  if (filters.length === 0) await runChecks(tally);
  await runTests(tally, filters);
  if (filters.length === 0) {
    const { ok } = await run(['test/desktop/run-electron.ts'], false);
    if (!ok) tally.failed += 1;
  }
  console.log(`\n${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
  return tally.failed === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
