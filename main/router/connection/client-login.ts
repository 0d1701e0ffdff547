/** How a client becomes somebody: CONNECT, the answer to it, and how long it holds. */
import type { Admission, ConnectionFacts, Credentials, Refusal } from '../auth/types.ts';
import { connectDefaults, type ConnectOptions, parseConnect } from '../protocol/connect-options.ts';
import { texts } from '../protocol/texts.ts';
import type { CloseReason } from './close-reason.ts';
import type { Hub } from './hub.ts';
import type { Input } from './input.ts';

/** setTimeout takes no longer times. */
const LONGEST_TIMEOUT_MS = 0x7fffffff;

/** What logging in needs of the connection. */
export interface LoginClient {
  /** How the log names it. */
  readonly label: string;
  readonly facts: ConnectionFacts;
  readonly closed: boolean;
  /** CONNECT has come, for the first time or again. */
  connecting(first: boolean): void;
  readonly input: Pick<Input, 'hold' | 'goOn'>;
  /** Puts it into its account. False when that closed it. */
  admit(admission: Admission): boolean;
  /** What CONNECT asked for holds from now on. */
  applyOptions(options: ConnectOptions): void;
  refuse(refusal: Refusal): void;
  fail(text: string, reason: CloseReason): void;
  close(reason: CloseReason): void;
}

export class ClientLogin {
  options: ConnectOptions = connectDefaults();
  readonly #hub: Hub;
  readonly #client: LoginClient;
  /** CONNECT has come. */
  #received = false;
  #timeout: NodeJS.Timeout | undefined;
  #expiry: NodeJS.Timeout | undefined;

  constructor(hub: Hub, client: LoginClient) {
    this.#hub = hub;
    this.#client = client;
  }

  get received(): boolean {
    return this.#received;
  }

  /** Somebody who is nobody until CONNECT has this long, ms. */
  expectWithin(timeout: number): void {
    this.#timeout = setTimeout(
      () => this.#client.fail(texts.authenticationTimeout, 'Authentication Timeout'),
      timeout,
    );
    this.#timeout.unref();
  }

  /** @param argument the JSON of CONNECT, in UTF-8 */
  connect(argument: Buffer): void {
    const before = this.#received ? this.options : connectDefaults();
    const options = parseConnect(argument, before);
    if (options === undefined) {
      this.#client.close('Protocol Violation');
      return;
    }
    this.options = options;
    clearTimeout(this.#timeout);
    this.#client.connecting(!this.#received);
    this.#received = true;
    this.#authenticate(false);
  }

  /**
   * Something else came before CONNECT.
   *
   * @returns whether it may be
   */
  withoutConnect(): boolean {
    const { peerKey, type } = this.#client.facts;
    if (peerKey !== undefined || this.#hub.authenticatorFor(type).anonymous) {
      this.#authenticate(true);
      return !this.#client.closed;
    }
    const reason = 'first operation is not CONNECT';
    this.#client.refuse({ ok: false, text: texts.authorization, reason });
    return false;
  }

  /** Asks again whether the client may be here, after users or permissions have changed. */
  async recheck(): Promise<Admission | undefined> {
    const { facts } = this.#client;
    const outcome = await this.#hub
      .authenticatorFor(facts.type)
      .authenticate(this.#credentials(!this.#received), facts);
    if (this.#client.closed) return undefined;
    if (outcome.ok) return outcome;
    this.#client.refuse(outcome);
    return undefined;
  }

  /** It was admitted; the admission may end at some time. */
  admitted(admission: Admission): void {
    clearTimeout(this.#timeout);
    clearTimeout(this.#expiry);
    const { expires } = admission;
    if (expires === undefined) return;
    const wait = Math.min(Math.max(expires.at - Date.now(), 0), LONGEST_TIMEOUT_MS);
    this.#expiry = setTimeout(() => {
      if (Date.now() < expires.at) this.admitted(admission);
      else this.#client.fail(expires.text, 'Authentication Expired');
    }, wait);
    this.#expiry.unref();
  }

  stop(): void {
    clearTimeout(this.#timeout);
    clearTimeout(this.#expiry);
  }

  /** What came with a WebSocket's handshake counts where CONNECT says nothing. */
  #credentials(anonymous: boolean): Credentials {
    const { offered } = this.#client.facts;
    if (anonymous) return offered ?? {};
    return offered === undefined ? this.options : { ...offered, ...this.options };
  }

  #authenticate(anonymous: boolean): void {
    const { facts } = this.#client;
    const outcome = this.#hub
      .authenticatorFor(facts.type)
      .authenticate(this.#credentials(anonymous), facts);
    if (!(outcome instanceof Promise)) {
      this.#decide(outcome, anonymous);
      return;
    }
    // Nothing of what follows is looked at before this is decided.
    this.#client.input.hold();
    outcome
      .catch((error: unknown): Refusal => {
        this.#hub.log.error(`${this.#client.label} - authentication failed: ${String(error)}`);
        return { ok: false, text: texts.authorization, reason: 'internal error' };
      })
      .then((decided) => {
        if (this.#client.closed) return;
        this.#decide(decided, anonymous);
        this.#client.input.goOn();
      })
      .catch((error: unknown) => this.#hub.log.error(String(error)));
  }

  #decide(outcome: Admission | Refusal, anonymous: boolean): void {
    if (!outcome.ok) {
      this.#client.refuse(outcome);
    } else if (this.options.accountWanted) {
      const reason = 'asks for an account';
      this.#client.refuse({ ok: false, text: texts.authorization, reason });
    } else if (this.#client.admit(outcome) && !anonymous) {
      this.#client.applyOptions(this.options);
    }
  }
}
