/** Entry of the desktop app. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { app, dialog } from 'electron';
import { SkerryError, messageOf } from './base/errors.ts';
import { workerEntry } from './base/worker-entry.ts';
import { registerAppScheme } from './desktop/app-protocol.ts';
import { Desktop } from './desktop/app.ts';
import { LINK_SCHEME } from './desktop/links.ts';
import { parseOptions } from './desktop/options.ts';
import { defaultHome } from './peer/default-home.ts';

/** As in electron-builder.yml; Windows shows notifications only under the id of an installed app. */
const APP_ID = 'dev.skerry.desktop';

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(1), defaultHome());
  app.enableSandbox();
  // Also the name under which the system keeps the key: the same packed and from a checkout.
  app.setName('Skerry');
  if (process.platform === 'win32') app.setAppUserModelId(APP_ID);
  mkdirSync(options.home, { recursive: true, mode: 0o700 });
  // Each home is an app of its own: with its own lock, so that `--home` can run beside another.
  app.setPath('userData', join(options.home, 'desktop'));
  if (!app.requestSingleInstanceLock()) {
    // The first start was told, and shows its window and the link.
    app.exit(0);
    return;
  }
  registerAppScheme();
  // From a checkout: `electron <folder> <link>`.
  if (process.defaultApp) {
    app.setAsDefaultProtocolClient(LINK_SCHEME, process.execPath, [app.getAppPath()]);
  } else {
    app.setAsDefaultProtocolClient(LINK_SCHEME);
  }
  const desktop = new Desktop(options, {
    platform: process.platform,
    dev: !app.isPackaged,
    peerThread: workerEntry(import.meta.url, './peer-thread'),
  });
  await app.whenReady();
  await desktop.run();
}

main().catch((error: unknown) => {
  const hint = error instanceof SkerryError ? `\n\n${error.hint}` : '';
  dialog.showErrorBox('Skerry cannot start', `${messageOf(error)}${hint}`);
  app.exit(1);
});
