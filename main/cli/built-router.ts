/**
 * The built router is one script (scripts/router-bundle.config.ts), and what V8 made of it is kept beside dist/:
 * test suites start a server hundreds of times, and compiling takes a third of a start. Node's own compile cache
 * keeps only what is compiled before a module runs; this one what a router has needed until it was ready.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import type { runRouter } from '../router/operate/run.ts';

// Not by an `import` of names, which reads each getter of the module and loads streams (main/base/builtins.ts).
const { mkdirSync, readFileSync, renameSync, writeFileSync } = process.getBuiltinModule('node:fs');

interface Program {
  runRouter: typeof runRouter;
}
type Wrapped = (exports: Partial<Program>, require: NodeJS.Require, __filename: string) => void;

/** The bundle begins with a comment of this length that names its contents; ASCII. */
const MARK_LENGTH = 18;
/** After the start, milliseconds: then all that starting needs is compiled, and V8 has not dropped any of it yet. */
const KEEP_AFTER_MS = 1_000;

/** @throws when there is no built router */
export function loadBuiltRouter(): Program {
  const filename = fileURLToPath(new URL('../router/operate/run.cjs', import.meta.url));
  const source = readFileSync(filename, 'latin1');
  const folder = fileURLToPath(new URL('../../.code-cache', import.meta.url));
  const kept = join(folder, `router-${process.version}-${source.slice(2, MARK_LENGTH)}`);
  const cachedData = contentsOf(kept);
  const script = new Script(`(function (exports, require, __filename) {${source}\n})`, {
    filename,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  if (cachedData === undefined || script.cachedDataRejected === true) {
    setTimeout(() => keep(folder, kept, script), KEEP_AFTER_MS).unref();
  }
  const program: Partial<Program> = {};
  (script.runInThisContext() as Wrapped)(program, createRequire(filename), filename);
  return program as Program;
}

function contentsOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    // The first start, or nothing can be kept here: V8 compiles.
    return undefined;
  }
}

function keep(folder: string, path: string, script: Script): void {
  try {
    mkdirSync(folder, { recursive: true });
    const mine = `${path}.${process.pid}`;
    writeFileSync(mine, script.createCachedData());
    renameSync(mine, path);
  } catch {
    // Installed where this user cannot write: every start compiles.
  }
}
