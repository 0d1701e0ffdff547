import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** Builds the renderer as it ships, into a folder of its own, so that a test never sees a stale build. */
export async function buildRenderer(): Promise<{ root: string; remove: () => Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), 'skerry-renderer-'));
  await build({
    configFile: fileURLToPath(new URL('../../../renderer/vite.config.ts', import.meta.url)),
    logLevel: 'error',
    build: { outDir: root, emptyOutDir: false },
  });
  return { root, remove: () => rm(root, { recursive: true, force: true }) };
}
