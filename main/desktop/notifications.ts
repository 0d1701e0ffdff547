/** Notices of the peer as notifications of the operating system. */
import { Notification } from 'electron';
import type { Notice } from '../api/contract.ts';
import type { Screen } from './window.ts';

const SCREENS: Readonly<Record<Notice['kind'], Screen | undefined>> = {
  'contact-request': 'peers',
  'contact-accepted': 'peers',
  'download-done': 'files/transfers',
  'download-failed': 'files/transfers',
  warning: undefined,
};

/** Strangers can cause notices; more than this in a window of time are left to the UI. */
const MAX_SHOWN = 5;
const WINDOW_MS = 10_000;
/** Shown notifications that are kept, so that a click on one still finds its listener. */
const MAX_KEPT = 50;
const MAX_TITLE = 100;
const MAX_BODY = 300;

export interface NotifierOptions {
  /** A click brings this screen up, or the window as it is. */
  open(screen: Screen | undefined): void;
  /** Whether the person looks at the UI, which shows the notice itself. */
  isWatching(): boolean;
  platform: NodeJS.Platform;
  /** Milliseconds, monotonic. */
  now(): number;
}

export class Notifier {
  readonly #options: NotifierOptions;
  /** Without a reference a notification is collected as garbage, and its click with it. */
  readonly #shown = new Set<Notification>();
  #times: number[] = [];

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  show(notice: Notice): void {
    if (this.#options.isWatching() || !Notification.isSupported() || !this.#takeTurn()) return;
    const notification = new Notification({
      title: this.#plain(notice.title, MAX_TITLE),
      body: this.#plain(notice.body, MAX_BODY),
    });
    const forget = (): void => void this.#shown.delete(notification);
    notification.on('click', () => {
      forget();
      this.#options.open(SCREENS[notice.kind]);
    });
    notification.on('close', forget);
    notification.on('failed', forget);
    this.#shown.add(notification);
    for (const oldest of this.#shown) {
      if (this.#shown.size <= MAX_KEPT) break;
      this.#shown.delete(oldest);
    }
    notification.show();
  }

  #takeTurn(): boolean {
    const now = this.#options.now();
    this.#times = this.#times.filter((time) => now - time < WINDOW_MS);
    if (this.#times.length >= MAX_SHOWN) return false;
    this.#times.push(now);
    return true;
  }

  /** Names in a notice come from other people; Linux reads notifications as markup. */
  #plain(text: string, limit: number): string {
    const line = text
      .replace(/[\s\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+/g, ' ')
      .trim();
    const short = line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
    if (this.#options.platform !== 'linux') return short;
    return short.replaceAll('&', '＆').replaceAll('<', '‹').replaceAll('>', '›');
  }
}
