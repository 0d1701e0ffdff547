/** The desktop app: the peer in its thread, and around it what only Electron has. */
import type { MessagePort } from 'node:worker_threads';
import { app, safeStorage, session } from 'electron';
import type { AnyEvent, ApiClient } from '../api/contract.ts';
import { codeOf } from '../base/errors.ts';
import { serveApp } from './app-protocol.ts';
import { askAgain, tell } from './dialogs.ts';
import { guardAllPages, guardSession } from './guards.ts';
import { LinkInbox, findDeepLink } from './links.ts';
import { setMenu } from './menu.ts';
import { Notifier } from './notifications.ts';
import type { DesktopOptions } from './options.ts';
import { answerPage } from './page-calls.ts';
import { askPassphrase } from './passphrase-window.ts';
import { appPaths } from './paths.ts';
import { PeerHost } from './peer-host.ts';
import { connectPort } from './port-client.ts';
import { findProtection, type LastAttempt } from './protection.ts';
import { Quitter } from './quit.ts';
import { AppTray, type TrayState } from './tray.ts';
import { MainWindow, type Screen } from './window.ts';

/** How long the peer may take to stop before the app exits without it. */
export const STOP_LIMIT_MS = 10_000;

export interface DesktopSurroundings {
  readonly platform: NodeJS.Platform;
  /** Run from a checkout: developer tools and reload. */
  readonly dev: boolean;
  /** The file of the peer's thread. */
  readonly peerThread: URL;
  /** Default: `STOP_LIMIT_MS`. */
  readonly stopLimitMs?: number;
}

export class Desktop {
  readonly #options: DesktopOptions;
  readonly #surroundings: DesktopSurroundings;
  readonly #host: PeerHost;
  readonly #links = new LinkInbox();
  readonly #window: MainWindow;
  readonly #quitter: Quitter;
  readonly #notifier: Notifier;
  #tray: AppTray | undefined;
  #client: ApiClient | undefined;
  /** The peer has run; the window may be shown. */
  #isUp = false;
  #isWanted = false;

  /** Before the app is ready: what must hold for the first page already. */
  constructor(options: DesktopOptions, surroundings: DesktopSurroundings) {
    const { platform, dev, peerThread } = surroundings;
    this.#options = options;
    this.#surroundings = surroundings;
    this.#host = new PeerHost(peerThread);
    this.#window = new MainWindow({
      dev,
      onPageGone: () => this.#links.pause(),
      onCrash: (reason) => void this.#pageCrashed(reason),
    });
    this.#quitter = new Quitter(() => this.#stop());
    this.#notifier = new Notifier({
      platform,
      open: (screen) => this.#open(screen),
      isWatching: () => this.#window.isFocused,
      now: () => performance.now(),
    });
    guardAllPages();
    app.on('second-instance', (_event, argv) => this.#takeLink(findDeepLink(argv)));
    app.on('open-url', (event, url) => {
      event.preventDefault();
      this.#takeLink(url);
    });
    // The app lives in the tray: without a listener Electron quits with the last window.
    app.on('window-all-closed', () => undefined);
    // macOS says this at the first start too, where `hidden` decides.
    app.on('activate', () => {
      if (this.#isUp) this.#open();
    });
    if (!options.hidden) this.#open();
    if (options.link !== undefined) this.#takeLink(options.link);
  }

  /** From ready until the peer runs, or until the person gave up. */
  async run(): Promise<void> {
    const { platform, dev } = this.#surroundings;
    guardSession(session.defaultSession);
    serveApp(session.defaultSession, appPaths.renderer);
    setMenu(platform, dev);
    this.#tray = new AppTray(
      {
        open: () => this.#open(),
        pause: () => this.#ask('peer.pause', 'Skerry cannot pause'),
        resume: () => this.#ask('peer.resume', 'Skerry cannot resume'),
        quit: () => this.#quitter.quit(),
      },
      platform,
    );
    answerPage({ window: this.#window, host: this.#host, links: this.#links });
    this.#host.events.on('state', (state) => {
      if (state !== 'running' && state !== 'stopped') this.#show(state);
    });
    this.#host.events.on('failed', (error) => void this.#peerFailed(error));
    this.#host.events.on('stop-requested', () => this.#quitter.quit());
    if (!(await this.#startPeer())) return;
    this.#isUp = true;
    if (this.#isWanted) this.#open();
  }

  /** Brings the window up, or has it come up as soon as the peer runs. */
  #open(screen?: Screen): void {
    if (this.#isUp) this.#window.show(screen);
    else this.#isWanted = true;
  }

  /** Shows a link for confirmation; it is never acted on here. Without one the window comes up alone. */
  #takeLink(link: string | undefined): void {
    this.#links.offer(link);
    this.#open();
  }

  /** Until the peer runs (true), or the person would rather quit. */
  async #startPeer(): Promise<boolean> {
    let last: LastAttempt = 'none';
    while (!this.#quitter.isQuitting) {
      try {
        const { home } = this.#options;
        const { platform } = this.#surroundings;
        const sources = { home, platform, storage: safeStorage, askPassphrase };
        const protection = await findProtection(sources, last);
        if (protection === undefined) break;
        this.#follow(await this.#host.start({ home, protection }));
        return true;
      } catch (error) {
        last = codeOf(error) === 'keys-wrong-passphrase' ? 'wrong-passphrase' : 'none';
        if (last === 'wrong-passphrase') continue;
        if (this.#quitter.isQuitting) return false;
        this.#show('failed');
        const failure = { title: 'Skerry cannot start', error, again: 'Try again' };
        if (!(await askAgain(failure, this.#window.visible))) break;
      }
    }
    this.#quitter.quit();
    return false;
  }

  /** Listens to the peer for the tray and the notifications. */
  #follow(port: MessagePort): void {
    const client = connectPort(port);
    this.#client = client;
    client.onEvent((event) => this.#receive(event));
    client.call('status.get', {}).then(
      (status) => this.#show(status.state),
      () => {
        // The peer has ended already, which the host tells.
      },
    );
  }

  #receive(event: AnyEvent): void {
    if (event.data === null) return;
    if (event.event === 'status') this.#show(event.data.state);
    else if (event.event === 'notice') this.#notifier.show(event.data);
  }

  #ask(call: 'peer.pause' | 'peer.resume', failure: string): void {
    this.#client?.call(call, {}).catch((error: unknown) => tell(failure, error));
  }

  async #peerFailed(error: unknown): Promise<void> {
    if (this.#quitter.isQuitting) return;
    const failure = { title: 'The peer has stopped', error, again: 'Restart' };
    if (!(await askAgain(failure, this.#window.visible))) return this.#quitter.quit();
    if (await this.#startPeer()) this.#window.reload();
  }

  async #pageCrashed(reason: string): Promise<void> {
    if (this.#quitter.isQuitting) return;
    const error = new Error(`Its process ended (${reason}). The peer goes on.`);
    const failure = { title: 'The window has crashed', error, again: 'Reload' };
    if (await askAgain(failure)) this.#window.reload();
    else this.#quitter.quit();
  }

  async #stop(): Promise<void> {
    this.#show('stopping');
    this.#client?.close();
    await this.#host.stop(this.#surroundings.stopLimitMs ?? STOP_LIMIT_MS);
    this.#window.letClose();
    this.#tray?.remove();
  }

  #show(state: TrayState): void {
    this.#tray?.show(state);
  }
}
