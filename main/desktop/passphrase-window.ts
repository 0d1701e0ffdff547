/** The small window that asks for the passphrase when the operating system cannot keep a key. */
import { BrowserWindow, type Event, type WebContents } from 'electron';
import { z } from 'zod';
import { PASSPHRASE_ORIGIN } from './app-protocol.ts';
import { handleIpc } from './ipc.ts';
import {
  MAX_PASSPHRASE_LENGTH,
  MIN_PASSPHRASE_LENGTH,
  isNewPassphrase,
  type PassphraseQuestion,
} from './passphrase-page.ts';
import { appPaths } from './paths.ts';
import { SECURE_PREFERENCES } from './window.ts';

const Entry = z.strictObject({
  passphrase: z.string().max(MAX_PASSPHRASE_LENGTH),
  again: z.string().max(MAX_PASSPHRASE_LENGTH).optional(),
});

/**
 * Asks until there is an answer that could be one; whether it opens anything is for the caller to find out.
 *
 * @returns the passphrase, or undefined when the person closed the window
 */
export async function askPassphrase(question: PassphraseQuestion): Promise<string | undefined> {
  const window = new BrowserWindow({
    title: 'Skerry: passphrase',
    width: 460,
    height: 360,
    useContentSize: true,
    resizable: false,
    maximizable: false,
    autoHideMenuBar: true,
    webPreferences: {
      preload: appPaths.passphrasePreload,
      ...SECURE_PREFERENCES,
      devTools: false,
    },
  });
  const answer = Promise.withResolvers<string | undefined>();
  const ask = (what: PassphraseQuestion): void => {
    const address = `${PASSPHRASE_ORIGIN}/index.html?ask=${what}`;
    window.loadURL(address).catch(() => {
      // Only left by closing the window, which answers; a crash closes it below.
    });
  };
  const senders = {
    origin: PASSPHRASE_ORIGIN,
    owns: (contents: WebContents) => window.webContents === contents,
  };
  const stopHandling = handleIpc('skerry:passphrase', Entry, senders, (entry) => {
    if (isNewPassphrase(question)) {
      if (entry.passphrase !== entry.again) return ask('differ');
      if (entry.passphrase.length < MIN_PASSPHRASE_LENGTH) return ask('short');
    }
    answer.resolve(entry.passphrase);
  });
  window.on('closed', () => answer.resolve(undefined));
  window.webContents.on('render-process-gone', () => answer.resolve(undefined));
  window.on('page-title-updated', (event: Event) => event.preventDefault());
  ask(question);
  try {
    return await answer.promise;
  } finally {
    stopHandling();
    if (!window.isDestroyed()) window.destroy();
  }
}
