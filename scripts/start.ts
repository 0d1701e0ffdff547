/**
 * `npm start`: builds what is stale, then the desktop app; where Electron or a display is missing, the same peer
 * headless with the same UI in the browser. `npm start -- --headless [options of skerry up]` asks for that.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../main/base/errors.ts';
import { build } from './build.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);

/** How long the download of Electron's binary may take before the headless peer is started instead. */
const ELECTRON_DOWNLOAD_MS = 120_000;

function hasDisplay(): boolean {
  if (process.platform === 'darwin' || process.platform === 'win32') return true;
  return Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);
}

/** The path of Electron's executable; fetched on the first start (npm installs types only). */
async function electronExecutable(): Promise<string> {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const installed = (): string => require('electron') as unknown as string;
  if (override !== undefined) return installed();
  const folder = dirname(require.resolve('electron/package.json'));
  // A child, so that a download that hangs can be given up.
  await new Promise<void>((resolve, reject) => {
    const child = spawn(process.execPath, [join(folder, 'install.js')], {
      stdio: ['ignore', 'inherit', 'ignore'],
      timeout: ELECTRON_DOWNLOAD_MS,
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error('its binary is missing and could not be downloaded'));
    });
  });
  return installed();
}

function runToEnd(command: string, args: readonly string[]): void {
  const child = spawn(command, args, { cwd: process.cwd(), stdio: 'inherit' });
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGINT', forward).on('SIGTERM', forward);
  child.on('close', (code, signal) => {
    process.exitCode = code ?? (signal === null ? 1 : 128);
  });
}

function runHeadless(args: readonly string[]): void {
  const open = hasDisplay() ? ['--open'] : [];
  runToEnd(process.execPath, [join(root, 'dist/main/cli/main.js'), 'up', ...open, ...args]);
}

build();
const args = process.argv.slice(2);
if (args.includes('--headless')) {
  runHeadless(args.filter((arg) => arg !== '--headless'));
} else if (!hasDisplay()) {
  console.log(
    'Skerry: there is no display here, so the peer runs headless with its UI in the browser.',
  );
  runHeadless(args);
} else {
  try {
    runToEnd(await electronExecutable(), [root, ...args]);
  } catch (error) {
    console.log(`Skerry: Electron cannot start (${messageOf(error)}), so the peer runs headless.`);
    runHeadless(args);
  }
}
