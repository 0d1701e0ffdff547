import { isDeepStrictEqual } from 'node:util';
import type { Account } from '../account/account.ts';
import type {
  Admission,
  ConnectionFacts,
  Credentials,
  Refusal,
  TlsIdentity,
} from '../auth/types.ts';
import type { PermissionOptions } from '../options.ts';
import { createNonce } from '../protocol/info.ts';
import { errorLine, texts } from '../protocol/texts.ts';
import { toWire } from '../subject/wire.ts';
import type { Handshake } from './handshake.ts';
import { isVersionAtLeast, type LeafConnect, parseLeafConnect } from './leaf-connect.ts';
import type { LeafConnection } from './leaf-connection.ts';
import type { LeafHost } from './leaf-host.ts';
import { leafInfoLine } from './leaf-info.ts';
import { denyMore, LeafTerms } from './leaf-terms.ts';

/** Whoever is too old would try again at once. */
const OLD_VERSION_WAIT_MS = 5_000;

/** The side that was dialled: says INFO with a challenge, waits for CONNECT, and decides. */
export class AcceptHandshake implements Handshake {
  readonly #leaf: LeafConnection;
  readonly #host: LeafHost;
  #facts: ConnectionFacts;
  /** Known already: by the key that a link proved. */
  readonly #known: Admission | undefined;
  #timer: NodeJS.Timeout | undefined;
  #connected = false;
  #credentials: Credentials = {};
  #denyPublish: readonly string[] = [];

  /** @param known what the other side is here, when that does not depend on what it says */
  constructor(
    leaf: LeafConnection,
    host: LeafHost,
    facts: Omit<ConnectionFacts, 'nonce'>,
    known?: Admission,
  ) {
    this.#leaf = leaf;
    this.#host = host;
    this.#facts = { ...facts, nonce: createNonce() };
    this.#known = known;
  }

  /** The TLS handshake is over; before anything is read. */
  secured(certificate: TlsIdentity | undefined): void {
    if (certificate !== undefined) this.#facts = { ...this.#facts, certificate };
  }

  /** Other logins hold now: who would not be let in any more has to go, and who may do something else is told. */
  async recheck(): Promise<void> {
    const leaf = this.#leaf;
    const { admission, account } = leaf;
    if (admission === undefined || account === undefined || this.#known !== undefined) return;
    const authenticator = this.#host.authenticatorFor(leaf.facts.type);
    const outcome = await authenticator.authenticate(this.#credentials, this.#facts);
    if (leaf.closed) return;
    if (!outcome.ok) {
      this.#refuse(outcome);
    } else if (this.#host.accountOf(outcome) !== account) {
      // It comes back at once, to where it belongs now.
      leaf.close('Client Closed');
    } else {
      leaf.admission = outcome;
      this.#expireAt(outcome);
      if (isDeepStrictEqual(outcome.permissions, admission.permissions)) return;
      // Told first, or it would not take what it is asked for now.
      leaf.writeLine(this.#infoLine(account, outcome.permissions ?? {}, {}));
      leaf.useTerms(this.#terms(outcome));
    }
  }

  begin(): void {
    const { nonce = '' } = this.#facts;
    this.#leaf.writeLine(
      leafInfoLine({ ...this.#host.infoFields(), client_id: this.#leaf.id, nonce }),
    );
    this.#timer = setTimeout(() => {
      this.#leaf.fail(texts.authenticationTimeout, 'Authentication Timeout');
    }, this.#host.authTimeout);
    this.#timer.unref();
  }

  beforeConnect(): void {
    this.#refuse({
      ok: false,
      text: texts.authorization,
      reason: 'first operation is not CONNECT',
    });
  }

  info(): void {
    // What a leaf node says of itself is in its CONNECT.
  }

  postpone(): void {
    // The other side dials.
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  connect(argument: Buffer): void {
    const connect = parseLeafConnect(argument);
    if (connect === undefined || this.#connected) {
      this.#leaf.close('Protocol Violation');
      return;
    }
    this.#connected = true;
    this.#credentials = connect.credentials;
    clearTimeout(this.#timer);
    if (connect.lang !== '' && this.#known !== undefined) {
      this.#leaf.fail(texts.leafPort, 'Incorrect Port');
      return;
    }
    const outcome =
      this.#known ??
      this.#host
        .authenticatorFor(this.#leaf.facts.type)
        .authenticate(connect.credentials, this.#facts);
    if (outcome instanceof Promise) this.#leaf.pauseFor(this.#decideLater(outcome, connect));
    else this.#decide(outcome, connect);
  }

  async #decideLater(outcome: Promise<Admission | Refusal>, connect: LeafConnect): Promise<void> {
    const decided = await outcome.catch((error: unknown): Refusal => {
      this.#host.log.error(this.#leaf.inLog(`authentication failed: ${String(error)}`));
      return { ok: false, text: texts.authorization, reason: 'internal error' };
    });
    if (!this.#leaf.closed) this.#decide(decided, connect);
  }

  #decide(outcome: Admission | Refusal, connect: LeafConnect): void {
    if (!outcome.ok) {
      this.#refuse(outcome);
      return;
    }
    const account = connect.accountWanted ? undefined : this.#host.accountOf(outcome);
    if (account === undefined) {
      const reason = connect.accountWanted
        ? 'asks for an account'
        : `no account ${outcome.account}`;
      this.#refuse({ ok: false, text: texts.authorization, reason });
      return;
    }
    if (this.#isWelcome(connect, account)) this.#admit(outcome, account, connect);
  }

  /** Says what is wrong with it, if anything. */
  #isWelcome(connect: LeafConnect, account: Account): boolean {
    const leaf = this.#leaf;
    const { clusterName, minVersion } = this.#host;
    if (connect.lang !== '') {
      leaf.fail(texts.leafPort, 'Incorrect Port');
    } else if (/\s/.test(connect.cluster)) {
      leaf.fail('cluster name cannot contain spaces or new lines', 'Protocol Violation');
    } else if (connect.cluster !== '' && connect.cluster === clusterName) {
      leaf.fail('remote leafnode has same cluster name', 'Cluster Names Identical');
    } else if (connect.gateway !== '') {
      const text = `Rejecting connection from gateway "${toWire(connect.gateway)}" on the leafnode port`;
      leaf.fail(text, 'Wrong Gateway');
    } else if (minVersion !== undefined && !isVersionAtLeast(connect.version, minVersion)) {
      this.#turnAway(account, minVersion);
    } else if (!this.#host.hasRoom(account)) {
      leaf.fail(texts.maxAccountConnections, 'Maximum Account Connections Exceeded');
    } else {
      return true;
    }
    return false;
  }

  #turnAway(account: Account, minVersion: string): void {
    const leaf = this.#leaf;
    leaf.connectAccepted();
    leaf.writeLine(this.#infoLine(account, undefined, { connect_info: true }));
    leaf.writeLine(
      errorLine(`connection rejected since minimum version required is "${minVersion}"`),
    );
    this.#timer = setTimeout(() => leaf.close('Minimum Version Required'), OLD_VERSION_WAIT_MS);
    this.#timer.unref();
  }

  #admit(admission: Admission, account: Account, connect: LeafConnect): void {
    const leaf = this.#leaf;
    leaf.admission = admission;
    leaf.remote = {
      name: connect.name,
      cluster: connect.cluster,
      account: connect.remoteAccount,
      headers: connect.headers,
      isHub: connect.isHub,
      compression: connect.compressMode === '' ? 'not supported' : 'off',
      connect: { name: connect.name, version: connect.version },
    };
    this.#denyPublish = connect.denyPublish;
    leaf.useTerms(this.#terms(admission));
    leaf.connectAccepted();
    leaf.writeLine(this.#infoLine(account, admission.permissions, { connect_info: true }));
    this.#expireAt(admission);
    leaf.join(account);
  }

  /** What the user may publish comes in here, and what it may subscribe to goes out. */
  #terms({ permissions }: Admission): LeafTerms {
    return new LeafTerms({
      incoming: permissions?.publish,
      outgoing: denyMore(permissions?.subscribe, this.#denyPublish),
    });
  }

  /** @param permissions undefined: the other side is not told of any; empty: of none any more */
  #infoLine(
    account: Account,
    permissions: PermissionOptions | undefined,
    more: { readonly connect_info?: true },
  ): string {
    return leafInfoLine({
      ...this.#host.infoFields(),
      ...more,
      client_id: this.#leaf.id,
      import: permissions && (permissions.subscribe ?? (more.connect_info ? undefined : {})),
      export: permissions && (permissions.publish ?? (more.connect_info ? undefined : {})),
      remote_account: account.name,
    });
  }

  #expireAt({ expires }: Pick<Admission, 'expires'>): void {
    clearTimeout(this.#timer);
    if (expires === undefined) return;
    const wait = Math.min(Math.max(expires.at - Date.now(), 0), 0x7fffffff);
    this.#timer = setTimeout(() => {
      if (Date.now() < expires.at) this.#expireAt({ expires });
      else this.#leaf.fail(expires.text, 'Authentication Expired');
    }, wait);
    this.#timer.unref();
  }

  #refuse(refusal: Refusal): void {
    this.#host.log.error(this.#leaf.inLog(`${refusal.text}: ${refusal.reason}`));
    this.#host.refused(this.#leaf);
    this.#leaf.fail(refusal.text, 'Authentication Failure');
  }
}
