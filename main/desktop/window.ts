/** The one main window: made when first needed, hidden when closed, shown from the tray. */
import { BrowserWindow, type WebContents } from 'electron';
import { join } from 'node:path';
import { APP_URL } from './app-protocol.ts';
import { appPaths } from './paths.ts';

/** The screens of the UI that the shell can ask for, as `#/…` of its address. */
export type Screen = 'peers' | 'files/transfers';

export interface MainWindowOptions {
  /** Developer tools and reload, in a checkout only. */
  readonly dev: boolean;
  /** A page was left (loads anew, crashed or closed): what waited for it waits for the next one. */
  readonly onPageGone: () => void;
  /** The page's process ended; `reason` in Chromium's words. */
  readonly onCrash: (reason: string) => void;
}

export class MainWindow {
  readonly #options: MainWindowOptions;
  #window: BrowserWindow | undefined;
  #mayClose = false;

  constructor(options: MainWindowOptions) {
    this.#options = options;
  }

  /** Shows the window in front, with `screen` when one is named. */
  show(screen?: Screen): void {
    const isNew = this.#window === undefined;
    const window = (this.#window ??= this.#create());
    if (screen !== undefined || isNew) this.#load(window, screen);
    // A window that has nothing to show yet comes by itself when it has.
    if (isNew) return;
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  get isFocused(): boolean {
    return this.#window?.isFocused() ?? false;
  }

  /** Whether `contents` is the page of this window. */
  owns(contents: WebContents): boolean {
    return this.#window?.webContents === contents;
  }

  /** The window a dialog belongs to, if there is one that can be seen. */
  get visible(): BrowserWindow | undefined {
    return this.#window?.isVisible() === true ? this.#window : undefined;
  }

  send(channel: string, text: string): void {
    this.#window?.webContents.send(channel, text);
  }

  reload(): void {
    this.#window?.webContents.reload();
  }

  /** From now on closing the window closes it. */
  letClose(): void {
    this.#mayClose = true;
  }

  #load(window: BrowserWindow, screen: Screen | undefined): void {
    const url = screen === undefined ? APP_URL : `${APP_URL}#/${screen}`;
    // The same address again would load the page anew.
    if (window.webContents.getURL() === url) return;
    window.loadURL(url).catch((error: unknown) => {
      // A page that is left while it loads (the app quits) ends here too; a crash is told by `onCrash`.
      console.error('skerry: the window does not load:', error);
    });
  }

  #create(): BrowserWindow {
    const window = new BrowserWindow({
      title: 'Skerry',
      width: 1080,
      height: 760,
      minWidth: 420,
      minHeight: 480,
      show: false,
      autoHideMenuBar: true,
      icon: join(appPaths.resources, 'icon.png'),
      webPreferences: {
        preload: appPaths.preload,
        ...SECURE_PREFERENCES,
        devTools: this.#options.dev,
      },
    });
    window.once('ready-to-show', () => window.show());
    window.on('close', (event) => {
      if (this.#mayClose) return;
      event.preventDefault();
      window.hide();
    });
    window.on('closed', () => {
      this.#window = undefined;
      this.#options.onPageGone();
    });
    window.webContents.on('did-start-navigation', (details) => {
      if (details.isMainFrame && !details.isSameDocument) this.#options.onPageGone();
    });
    window.webContents.on('render-process-gone', (_event, details) => {
      this.#options.onPageGone();
      if (details.reason !== 'clean-exit') this.#options.onCrash(details.reason);
    });
    return window;
  }
}

/** What every window of the app has. Most of it is Electron's default by now; none of it may ever change unnoticed. */
export const SECURE_PREFERENCES = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  webviewTag: false,
  navigateOnDragDrop: false,
  // Chromium would fetch dictionaries from the network.
  spellcheck: false,
} as const;
