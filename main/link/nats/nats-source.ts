import { messageOf } from '../../base/errors.ts';
import type { Deployment, Deployments, Lease } from '../../deployment/types.ts';
import type { PeerKey, Signer, Way } from '../../identity/types.ts';
import { LinkError } from '../errors.ts';
import type { EstablishedConn, PathSource, SessionCarrier } from '../path-source.ts';
import { createDial } from '../session/dial.ts';
import type { Admission } from '../session/types.ts';
import type { LinkContacts, SessionSecrets } from '../types.ts';
import { NatsConn } from './nats-conn.ts';
import { requestSession } from './nats-dial.ts';

export interface NatsSourceOptions {
  readonly deployments: Deployments;
  readonly signer: Signer;
  /** This peer's display name. */
  readonly name: () => string;
  /** The program's version, SemVer; told by service discovery. */
  readonly version: string;
  readonly contacts: LinkContacts;
  /** The one that all sources share: a dial replayed on another transport is a replay. */
  readonly admission: Admission;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

type Prefix = string;

const dialSubject = (prefix: Prefix, key: PeerKey): string => `${prefix}.dial.${key}`;
/** Reply inboxes stand below the prefix too: one permission is all that an operator has to grant. */
const inboxPrefix = (prefix: Prefix): string => `${prefix}.r`;
/** Subject tokens without wildcards, as the configuration has them. */
const PREFIX = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;

/**
 * Sessions over NATS: serves dials on every configured deployment, dials contacts on any server they name.
 * The deployments are started and closed by their owner, before and after this source.
 */
export function createNatsSource(options: NatsSourceOptions): PathSource {
  return new NatsSource(options);
}

class NatsSource implements PathSource {
  readonly kind = 'nats';
  onSession: ((established: EstablishedConn) => void) | null = null;
  readonly #options: NatsSourceOptions;
  readonly #conns = new Set<NatsConn>();
  readonly #closing = new AbortController();
  #endService: (() => void) | undefined;

  constructor(options: NatsSourceOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    const { signer, name, version, admission } = this.#options;
    this.#endService ??= this.#options.deployments.serve({
      name: 'skerry',
      version,
      description: 'Session establishment of a Skerry peer',
      metadata: () => ({ key: signer.key, name: name(), version }),
      subject: (prefix) => dialSubject(prefix, signer.key),
      handler: (request, deployment) => {
        const { reply, session } = admission.answer(request.data, wayOf(deployment));
        if (session !== undefined) this.#accept(session, deployment);
        // After the subscription: the answer is what makes the dialler send.
        if (reply !== null) request.respond(reply);
      },
    });
    return Promise.resolve();
  }

  async dial(peer: PeerKey, way: Way, signal: AbortSignal): Promise<EstablishedConn> {
    if (way.kind !== 'nats' || way.prefix.length > 128 || !PREFIX.test(way.prefix)) {
      throw new LinkError('way-unusable', 'That is no way over NATS.');
    }
    const either = AbortSignal.any([signal, this.#closing.signal]);
    either.throwIfAborted();
    const lease = this.#lease(way.server);
    const { signer, name, contacts, now } = this.#options;
    let pending: ReturnType<typeof createDial> | undefined;
    try {
      await this.#ready(lease, either);
      pending = createDial({ signer, name: name(), to: peer, contacts, now: now() });
      const secrets = await requestSession(
        lease.connection,
        dialSubject(way.prefix, peer),
        inboxPrefix(way.prefix),
        pending,
        either,
      );
      return { conn: this.#adopt(lease, way.prefix, secrets), secrets };
    } catch (error) {
      lease.release();
      throw error;
    } finally {
      pending?.discard();
    }
  }

  /** Over servers of the configuration alone: a contact must not make this peer connect anywhere. */
  carry(secrets: SessionSecrets): SessionCarrier {
    return {
      open: (way) => {
        const deployment = this.#options.deployments.configured.find((one) =>
          isSameWay(wayOf(one), way),
        );
        if (deployment === undefined || this.#closing.signal.aborted) return undefined;
        const isThere = [...this.#conns].some((conn) => conn.isFor(secrets, way));
        if (isThere || deployment.connection.client === undefined) return undefined;
        const lease: Lease = { connection: deployment.connection, release: () => undefined };
        return this.#adopt(lease, deployment.prefix, secrets);
      },
      close: () => undefined,
    };
  }

  ways(): Way[] {
    const ways = this.#options.deployments.configured.map(wayOf);
    const once = new Map(ways.map((way) => [`${way.server} ${way.prefix}`, way]));
    return [...once.values()];
  }

  close(): Promise<void> {
    if (!this.#closing.signal.aborted) {
      this.#closing.abort(new LinkError('way-unusable', 'The paths over NATS are being closed.'));
      this.#endService?.();
      for (const conn of this.#conns) {
        const { onDead } = conn;
        conn.close();
        onDead?.(new LinkError('way-unusable', 'The paths over NATS are being closed.'));
      }
    }
    return Promise.resolve();
  }

  #lease(server: string): Lease {
    try {
      return this.#options.deployments.lease(server);
    } catch (cause) {
      throw new LinkError('way-unusable', messageOf(cause), { cause });
    }
  }

  /** Before the dial is made: its clock must be fresh. */
  async #ready({ connection }: Lease, signal: AbortSignal): Promise<void> {
    try {
      await connection.ready(signal);
    } catch (cause) {
      signal.throwIfAborted();
      throw new LinkError('way-unusable', messageOf(cause), { cause });
    }
  }

  #accept(secrets: SessionSecrets, deployment: Deployment): void {
    if (this.#closing.signal.aborted || this.onSession === null) return;
    const lease: Lease = { connection: deployment.connection, release: () => undefined };
    this.onSession({ conn: this.#adopt(lease, deployment.prefix, secrets), secrets });
  }

  #adopt(lease: Lease, prefix: Prefix, secrets: SessionSecrets): NatsConn {
    const conn = new NatsConn({
      lease,
      prefix,
      secrets,
      onClose: (closed) => this.#conns.delete(closed),
    });
    this.#conns.add(conn);
    return conn;
  }
}

/** How others reach this peer on a deployment; the address holds no credentials. */
function wayOf({ connection, prefix }: Deployment): Way & { kind: 'nats' } {
  return { kind: 'nats', server: connection.server, prefix };
}

function isSameWay(own: Way & { kind: 'nats' }, way: Way): boolean {
  return way.kind === 'nats' && own.server === way.server && own.prefix === way.prefix;
}
