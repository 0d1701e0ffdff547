import { randomBytes } from 'node:crypto';
import { codeOf } from '../../base/errors.ts';
import { LinkError } from '../errors.ts';
import type { PendingDial } from '../session/types.ts';
import type { SessionSecrets } from '../types.ts';
import { ATTEMPT_BYTES, encodeDialling, encodeHello, type Handshake } from './handshake-wire.ts';

/** First pause before the same datagram is sent again, ms; each further one is half as long again. */
const FIRST_RETRY_MS = 250;
const RETRY_FACTOR = 1.5;
const TOTAL_MS = 5_000;
/** Answers that the dialled peer did not sign: so many are looked at, then the dial is given up. */
const MAX_BAD_ANSWERS = 8;

export interface UdpDialOptions {
  /** Sends one handshake datagram to the dialled address. */
  readonly send: (datagram: Uint8Array) => void;
  readonly createDial: () => PendingDial;
  /** The session's datagrams may come from now on. */
  readonly onSession: (secrets: SessionSecrets) => void;
  readonly onFailed: (reason: Error) => void;
}

/** One attempt to establish a session over UDP: hello until a cookie comes, then the dial until its answer. */
export class UdpDial {
  /** Names the attempt in all its datagrams. */
  readonly attempt = randomBytes(ATTEMPT_BYTES);
  readonly #options: UdpDialOptions;
  readonly #deadline: NodeJS.Timeout;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  #datagram: Buffer;
  #dial: PendingDial | undefined;
  #badAnswers = 0;
  #over = false;

  constructor(options: UdpDialOptions) {
    this.#options = options;
    this.#datagram = encodeHello(this.attempt);
    this.#deadline = setTimeout(() => {
      this.fail(new LinkError('no-answer', 'Nothing answered at that address within 5 seconds.'));
    }, TOTAL_MS);
    this.#send();
  }

  onHandshake(message: Handshake): void {
    if (this.#over) return;
    if (message.type === 'cookie' && this.#dial === undefined) this.#onCookie(message.cookie);
    else if (message.type === 'answer' && this.#dial !== undefined) {
      this.#onAnswer(this.#dial, message.answer);
    }
  }

  /** Ends the attempt. Idempotent; nothing is told after a session came. */
  fail(reason: Error): void {
    if (this.#over) return;
    this.#stop();
    this.#options.onFailed(reason);
  }

  #onCookie(cookie: Buffer): void {
    this.#dial = this.#options.createDial();
    this.#datagram = encodeDialling(this.attempt, cookie, this.#dial.bytes);
    this.#retryMs = FIRST_RETRY_MS;
    this.#send();
  }

  #onAnswer(dial: PendingDial, answer: Buffer): void {
    try {
      const secrets = dial.complete(answer);
      this.#stop();
      this.#options.onSession(secrets);
    } catch (error) {
      if (codeOf(error) === 'bad-answer' && ++this.#badAnswers < MAX_BAD_ANSWERS) return;
      this.fail(error as Error);
    }
  }

  #send(): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#send(), this.#retryMs);
    this.#retryMs *= RETRY_FACTOR;
    this.#options.send(this.#datagram);
  }

  #stop(): void {
    this.#over = true;
    clearTimeout(this.#retry);
    clearTimeout(this.#deadline);
    this.#dial?.discard();
  }
}
