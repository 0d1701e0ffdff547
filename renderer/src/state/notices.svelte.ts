/** Messages that come and go, and the words that are only spoken. */
import type { ErrorInfo, Notice } from '../../../main/api/contract.ts';
import { errorInfo } from '../api/errors.ts';
import { Timers } from './timers.ts';

export interface Toast {
  readonly id: number;
  readonly tone: 'good' | 'info' | 'bad';
  readonly title: string;
  readonly body: string;
  /** Where the message leads: a contact or the transfers. */
  readonly peer: string | null;
  readonly transfer: string | null;
}

const SHOWN_MS = 7_000;
const MOST = 4;

const tones: Record<Notice['kind'], Toast['tone']> = {
  'contact-request': 'info',
  'contact-accepted': 'good',
  'download-done': 'good',
  'download-failed': 'bad',
  warning: 'bad',
};

export class Notices {
  toasts = $state.raw<readonly Toast[]>([]);
  /** The polite live region's text. */
  spoken = $state('');
  #lastId = 0;
  readonly #timers = new Timers();

  add(notice: Notice): void {
    const { title, body, peer, transfer } = notice;
    this.#show({ tone: tones[notice.kind], title, body, peer, transfer });
  }

  good(title: string, body = ''): void {
    this.#show({ tone: 'good', title, body, peer: null, transfer: null });
  }

  /** A failure with no better place on the screen. */
  fail(title: string, error: unknown): void {
    const info: ErrorInfo = errorInfo(error);
    const body = [info.message, info.hint].filter((part) => part !== '').join(' ');
    this.#show({ tone: 'bad', title, body, peer: null, transfer: null });
  }

  /** Speaks without showing. */
  say(text: string): void {
    this.spoken = text;
  }

  dismiss(id: number): void {
    this.#timers.stop(id);
    this.toasts = this.toasts.filter((toast) => toast.id !== id);
  }

  /** While the pointer or the focus is on them, messages stay. */
  hold(): void {
    this.#timers.stopAll();
  }

  release(): void {
    for (const toast of this.toasts) this.#expire(toast);
  }

  #show(toast: Omit<Toast, 'id'>): void {
    const added = { ...toast, id: ++this.#lastId };
    for (const old of this.toasts.slice(0, Math.max(0, this.toasts.length - MOST + 1))) {
      this.dismiss(old.id);
    }
    this.toasts = [...this.toasts, added];
    this.#expire(added);
  }

  /** Bad news waits to be dismissed. */
  #expire(toast: Toast): void {
    if (toast.tone !== 'bad') this.#timers.start(toast.id, SHOWN_MS, () => this.dismiss(toast.id));
  }
}
