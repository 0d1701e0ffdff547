/**
 * Starts the built router once and ends it, so that V8's code cache (main/cli/main.ts) is there for the first user
 * too: a start takes half the time with it. Without it everything works, hence no failure is one of the build.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const LONGEST_MS = 10_000;

const program = fileURLToPath(new URL('../dist/main/cli/main.js', import.meta.url));
const words = ['router', '-a', '127.0.0.1', '-p', '-1', '-m', '-1'];
const router = spawn(process.execPath, [program, ...words], {
  stdio: ['ignore', 'ignore', 'pipe'],
});
const timer = setTimeout(() => router.kill('SIGKILL'), LONGEST_MS);
let log = '';
router.stderr.setEncoding('utf8').on('data', (text: string) => {
  log += text;
  if (log.includes('Server is ready')) router.kill('SIGTERM');
});
router.on('close', () => clearTimeout(timer));
