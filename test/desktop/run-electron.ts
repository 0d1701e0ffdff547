/**
 * Runs the scenarios of electron.e2e.ts in the real Electron: `node test/desktop/run-electron.ts`. Where Electron's
 * binary or a display is missing they are left out, loudly, with the reason and exit code 0; `--must` makes that a
 * failure. `--packaged <executable>` tries a packaged app instead. Electron is never downloaded from here.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

const EXECUTABLES: Partial<Record<NodeJS.Platform, string>> = {
  darwin: 'Electron.app/Contents/MacOS/Electron',
  win32: 'electron.exe',
};

/** Where the binary is or would be; `require('electron')` would try to download it. */
function executablePath(): string {
  const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  const note = join(folder, 'path.txt');
  const name = existsSync(note)
    ? readFileSync(note, 'utf8')
    : (EXECUTABLES[process.platform] ?? 'electron');
  return join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist'), name);
}

/** Why the scenarios cannot run here, or undefined. */
function obstacle(executable: string): string | undefined {
  if (!existsSync(executable)) {
    return `there is no Electron at ${executable} (npx install-electron fetches it; ELECTRON_OVERRIDE_DIST_PATH names another place)`;
  }
  const needsDisplay = process.platform !== 'darwin' && process.platform !== 'win32';
  if (needsDisplay && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    return 'there is no display (xvfb-run gives one)';
  }
  return undefined;
}

async function inHome(name: string, work: (home: string) => Promise<void>): Promise<boolean> {
  const home = mkdtempSync(join(tmpdir(), 'skerry-electron-'));
  try {
    await work(home);
    console.log(`ok     electron - ${name}`);
    return true;
  } catch (error) {
    console.error(`FAILED electron - ${name}\n`, error);
    return false;
  } finally {
    // Windows may hold files of the app for a moment after its exit.
    rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  }
}

async function runScenarios(executable: string): Promise<number> {
  if (!existsSync(join(root, 'dist/main/main.js'))) {
    console.error('electron suite: the app is not built; run npm run build first');
    return 1;
  }
  const { scenarios } = await import('./electron.e2e.ts');
  const tally = { passed: 0, failed: 0, leftOut: 0 };
  for (const { name, leftOut, run } of scenarios) {
    if (leftOut) {
      console.log(`LEFT OUT electron - ${name}: ${leftOut}`);
      tally.leftOut += 1;
    } else if (await inHome(name, (home) => run({ executable, root, home }))) tally.passed += 1;
    else tally.failed += 1;
  }
  const { passed, failed, leftOut } = tally;
  console.log(`electron suite: ${passed} passed, ${failed} failed, ${leftOut} left out`);
  return failed === 0 ? 0 : 1;
}

async function runPackage(executable: string): Promise<number> {
  const { runPackaged } = await import('./packaged.e2e.ts');
  const ok = await inHome('a packaged app runs its peer and stops', (home) =>
    runPackaged(executable, home),
  );
  return ok ? 0 : 1;
}

async function main(): Promise<number> {
  const packaged = process.argv.indexOf('--packaged');
  const executable = packaged < 0 ? executablePath() : (process.argv[packaged + 1] ?? '');
  const reason = obstacle(executable);
  if (reason !== undefined) {
    console.log(`electron suite left out: ${reason}`);
    return packaged >= 0 || process.argv.includes('--must') ? 1 : 0;
  }
  return packaged < 0 ? runScenarios(executable) : runPackage(executable);
}

// Nothing is said to the network that this machine is in.
process.env.SKERRY_DISCOVERY = 'off';
process.exitCode = await main();
