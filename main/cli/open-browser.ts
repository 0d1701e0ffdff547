import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** How long the page that leads to the UI stays on disk: browsers take a while to start. */
const PAGE_MS = 30_000;

/** The system's way to open something; Windows' `start` is a word of its shell. */
function opener(platform: NodeJS.Platform, target: string): readonly [string, ...string[]] {
  if (platform === 'darwin') return ['open', target];
  if (platform === 'win32') return ['cmd', '/c', 'start', '', target];
  return ['xdg-open', target];
}

/**
 * Opens the UI in the person's browser. Arguments of programs can be seen by everyone on the machine, so the
 * one-time address goes through a page in the home that only this user can read.
 *
 * @param url one-time address
 * @param home the peer's home folder
 */
export function openInBrowser(url: string, home: string): void {
  const page = join(home, 'open-ui.html');
  const target = url.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  const html = `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${target}">`;
  writeFileSync(page, html, { mode: 0o600 });
  setTimeout(() => rmSync(page, { force: true }), PAGE_MS).unref();
  const [command, ...args] = opener(process.platform, pathToFileURL(page).href);
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  // Without a browser the address stands on the terminal all the same.
  child.on('error', () => undefined);
  child.unref();
}
