/** Peers with nothing but sessions over NATS, for tests; servers, keys and sessions are real. */
import { createDeployments } from '../../main/deployment/deployments.ts';
import type { DeploymentConfig, Deployments } from '../../main/deployment/types.ts';
import type { PeerKey, Signer, Way } from '../../main/identity/types.ts';
import type { EstablishedConn, PathSource } from '../../main/link/path-source.ts';
import { createNatsSource } from '../../main/link/nats/nats-source.ts';
import { createAdmission } from '../../main/link/session/admission.ts';
import type { PacketConn } from '../../main/link/types.ts';
import { createLog } from '../../main/base/log.ts';
import { createSigner, TestContacts } from './session-support.ts';

const log = createLog('silent');

export interface NatsPeer extends AsyncDisposable {
  readonly signer: Signer;
  readonly contacts: TestContacts;
  readonly deployments: Deployments;
  readonly source: PathSource;
  /** Sessions that others opened here, in order. */
  readonly accepted: EstablishedConn[];
}

export async function startNatsPeer(
  name: string,
  configured: readonly DeploymentConfig[],
): Promise<NatsPeer> {
  const signer = createSigner();
  const contacts = new TestContacts();
  const deployments = createDeployments({ configured, log });
  const options = { signer, contacts, now: Date.now, name: () => name };
  const admission = createAdmission(options);
  const source = createNatsSource({ ...options, deployments, admission, version: '1.2.3' });
  const accepted: EstablishedConn[] = [];
  source.onSession = (established) => accepted.push(established);
  deployments.start();
  await source.start();
  return {
    signer,
    contacts,
    deployments,
    source,
    accepted,
    async [Symbol.asyncDispose]() {
      await source.close();
      await deployments.close();
    },
  };
}

/** Makes two peers each other's accepted contacts. */
export function introduce(one: NatsPeer, other: NatsPeer): void {
  one.contacts.states.set(other.signer.key, 'accepted');
  other.contacts.states.set(one.signer.key, 'accepted');
}

export const natsWay = (server: string, prefix = 'skerry'): Way => ({
  kind: 'nats',
  server,
  prefix,
});

/** Dials until the other side is there: it takes a moment until the service of a fresh peer is known. */
export async function dialled(from: NatsPeer, to: PeerKey, way: Way): Promise<EstablishedConn> {
  return until(
    () => from.source.dial(to, way, AbortSignal.timeout(2000)).catch(() => undefined),
    'the dial to be answered',
  );
}

/** Waits until `probe` gives something. */
export async function until<Value>(
  probe: () => Value | undefined | false | Promise<Value | undefined | false>,
  what: string,
): Promise<Value> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`waited too long for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Collects what arrives, as text. */
export function received(conn: PacketConn): string[] {
  const texts: string[] = [];
  conn.onDatagram = (datagram) => texts.push(Buffer.from(datagram).toString());
  return texts;
}

export const text = (value: string): Uint8Array => Buffer.from(value);
