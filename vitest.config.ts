import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Suites of a test partner that SKERRY_TEST_WITHOUT leaves out; scripts/test.ts says so. */
const suitesOf: Record<string, string> = {
  nats: 'test/**/*.nats.test.ts',
  chromium: 'test/**/*.browser.test.ts',
};
const leftOut = (process.env.SKERRY_TEST_WITHOUT ?? '')
  .split(',')
  .flatMap((name) => suitesOf[name] ?? []);

export default defineConfig({
  resolve: {
    // Outside Electron `require('electron')` tries to download its binary; tests get a typed stub instead.
    alias: { electron: fileURLToPath(new URL('test/desktop/electron-stub.ts', import.meta.url)) },
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: leftOut,
    environment: 'node',
    // No peer of a test says anything to the network that this machine is in; children inherit it.
    env: { SKERRY_DISCOVERY: 'off' },
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
  },
});
