import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Behaviour } from '../fixtures/scripted-thread.ts';

/** An empty data folder. */
export function makeHome(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'skerry-desktop-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** An empty data folder that is removed after the test. */
export function newHome(): string {
  const home = makeHome();
  onTestFinished(() => home.remove());
  return home.path;
}

/** Says how the scripted thread of this home behaves. */
export function script(home: string, behaviour: Behaviour): void {
  writeFileSync(join(home, 'behaviour'), behaviour);
}
