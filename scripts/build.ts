/**
 * Builds what is stale into dist/: the main process and the CLI (tsc; the router of the CLI as few files), the
 * preload (one CommonJS file) and the renderer. `--force` builds all. A part is stale when a file it is made from is newer than its stamp.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Run by this Node. */
type Command = readonly [script: string, ...args: string[]];

interface Part {
  readonly name: string;
  /** Files and folders it is made from. */
  readonly sources: readonly string[];
  /** Its folder in dist/, emptied first. */
  readonly output: string;
  /** One after another. */
  readonly commands: readonly Command[];
}

const VITE = 'node_modules/vite/bin/vite.js';
const BUILD = ['build', '--logLevel', 'warn'] as const;

const SHARED_SOURCES = ['package.json', 'package-lock.json', 'tsconfig.json'];

const parts: readonly Part[] = [
  {
    name: 'main',
    sources: ['main', 'tsconfig.build.json', 'scripts/router-bundle.config.ts', ...SHARED_SOURCES],
    output: 'dist/main',
    commands: [
      ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'],
      [VITE, ...BUILD, '--config', 'scripts/router-bundle.config.ts'],
      ['scripts/warm-router.ts'],
    ],
  },
  {
    name: 'preload',
    sources: ['preload', ...SHARED_SOURCES],
    output: 'dist/preload',
    commands: [[VITE, ...BUILD, '--config', 'preload/vite.config.ts']],
  },
  {
    name: 'renderer',
    sources: ['renderer', 'main/api/contract.ts', ...SHARED_SOURCES],
    output: 'dist/renderer',
    commands: [[VITE, ...BUILD, '--config', 'renderer/vite.config.ts']],
  },
];

/** The newest modification below `path`, milliseconds; 0 when there is nothing. */
function newest(path: string): number {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path).reduce(
    (latest, name) => Math.max(latest, newest(join(path, name))),
    stat.mtimeMs,
  );
}

function isStale(part: Part): boolean {
  const stamp = join(root, 'dist', `.${part.name}-built`);
  if (!existsSync(stamp) || !existsSync(join(root, part.output))) return true;
  const built = statSync(stamp).mtimeMs;
  return part.sources.some((source) => newest(join(root, source)) > built);
}

/** Builds the stale parts; returns their names. Throws when a build fails (its output was printed). */
export function build(force = false): string[] {
  const stale = parts.filter((part) => force || isStale(part));
  for (const part of stale) {
    const began = new Date();
    rmSync(join(root, part.output), { recursive: true, force: true });
    for (const command of part.commands)
      execFileSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
    mkdirSync(join(root, 'dist'), { recursive: true });
    writeFileSync(join(root, 'dist', `.${part.name}-built`), `${began.toISOString()}\n`);
  }
  return stale.map((part) => part.name);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!existsSync(join(root, 'tsconfig.build.json'))) {
    console.log('skerry: installed from a package, already built');
  } else {
    try {
      const built = build(process.argv.includes('--force'));
      console.log(built.length === 0 ? 'skerry: up to date' : `skerry: built ${built.join(', ')}`);
    } catch {
      // The compiler has printed what is wrong.
      process.exitCode = 1;
    }
  }
}
