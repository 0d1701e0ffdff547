/** Looks for what keeps this peer, or one contact, from being reached, and says what to do. */
import { messageOf, SkerryError } from '../base/errors.ts';
import type { DeploymentStatus } from '../deployment/types.ts';
import type { Contact, PeerKey, Way } from '../identity/types.ts';
import { type Attempt, wayText } from '../link/attempt.ts';
import type { LinkInfo, PathInfo } from '../link/types.ts';
import type { OutsideStatus } from '../link/udp/outside.ts';
import { PeerError } from './errors.ts';
import { type Finding, note, ok, wrong } from './finding.ts';
import { outsideFindings } from './outside-findings.ts';

/** As long as one attempt by all ways mostly takes. */
const ATTEMPT_MS = 8_000;

export interface Diagnosis {
  /** Of this peer and its network. */
  readonly self: readonly Finding[];
  /** Of the way to the contact that was asked for. */
  readonly contact: readonly Finding[];
}

export interface DoctorOptions {
  readonly udpEnabled: () => boolean;
  /** `host:port` of every bound UDP socket. */
  readonly udp: () => string[];
  /** What routers and STUN servers say of the UDP port; undefined: there is none. */
  readonly outside: () => OutsideStatus | undefined;
  readonly deployments: () => DeploymentStatus[];
  readonly contactOf: (key: PeerKey) => Contact | undefined;
  /** All that are known, also for the moment only. */
  readonly waysOf: (key: PeerKey) => readonly Way[];
  readonly isPaused: () => boolean;
  readonly links: {
    get(key: PeerKey): LinkInfo | undefined;
    attempts(key: PeerKey): Attempt[];
    connect(key: PeerKey): Promise<void>;
  };
  readonly now: () => number;
}

/**
 * @param key also looks at the ways to this contact, trying them if there is no link
 * @throws PeerError `contact-unknown`
 */
export async function diagnose(options: DoctorOptions, key?: PeerKey): Promise<Diagnosis> {
  const self = lookAtSelf(options);
  if (key === undefined) return { self, contact: [] };
  const contact = options.contactOf(key);
  if (contact === undefined) {
    throw new PeerError('contact-unknown', 'There is no contact with that key.');
  }
  return { self, contact: await lookAtContact(options, contact) };
}

function lookAtSelf(options: DoctorOptions): Finding[] {
  const { udpEnabled, udp, outside, deployments, isPaused } = options;
  const findings: Finding[] = [];
  if (isPaused()) {
    findings.push(wrong('This peer', 'It is paused: it has no links.', 'Resume it.'));
  }
  findings.push(udpFinding(udpEnabled(), udp()), ...outsideFindings(outside()));
  const servers = deployments();
  for (const server of servers) findings.push(serverFinding(server));
  if (servers.length === 0) {
    findings.push(
      note(
        'NATS',
        'No NATS server is configured: peers behind two NATs have nowhere to meet.',
        'Add a NATS server that your contacts use too, if links do not come up.',
      ),
    );
  }
  return findings;
}

function udpFinding(enabled: boolean, addresses: readonly string[]): Finding {
  const subject = 'UDP port';
  if (!enabled) {
    return note(subject, 'UDP is switched off.');
  }
  const outside = addresses.filter((address) => !/^(127\.|\[::1\])/.test(address));
  if (outside.length > 0) return ok(subject, `Open at ${outside.join(', ')}.`);
  return wrong(subject, 'This computer has no network.', 'Check its Wi-Fi or its cable.');
}

function serverFinding({ server, state, error }: DeploymentStatus): Finding {
  if (error === null && state === 'connected') return ok(server, 'Connected.');
  if (error === null) {
    return note(server, 'Connecting.');
  }
  return wrong(server, error.message, error.hint);
}

async function lookAtContact(options: DoctorOptions, contact: Contact): Promise<Finding[]> {
  const { key, name, state } = contact;
  const linked = options.links.get(key);
  if (linked !== undefined) return linked.paths.map(pathFinding);
  if (state === 'blocked') {
    return [wrong(name, 'You have blocked this contact.', 'Accept them again to get a link.')];
  }
  if (state === 'requested') {
    return [wrong(name, 'They wait for your answer.', 'Accept their request.')];
  }
  if (options.isPaused()) return [];
  const begunAt = options.now();
  await attempt(options, key);
  const now = options.links.get(key);
  if (now !== undefined) return now.paths.map(pathFinding);
  const attempts = new Map(options.links.attempts(key).map((one) => [wayText(one.way), one]));
  const known = new Set(options.waysOf(key).map(wayText));
  const tried = [...attempts.values()].map(({ way }) => way);
  const ways = [...options.waysOf(key), ...tried.filter((way) => !known.has(wayText(way)))];
  if (ways.length === 0) {
    const advice =
      'Ask them for a new invite, or be on one network with them, or use a common NATS server.';
    return [wrong(name, 'No way to this contact is known.', advice)];
  }
  return ways.map((way) => wayFinding(way, attempts.get(wayText(way)), begunAt));
}

async function attempt({ links }: DoctorOptions, key: PeerKey): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ATTEMPT_MS);
  links.connect(key).then(
    () => resolve(undefined),
    () => resolve(undefined), // The attempts tell why.
  );
  await promise;
  clearTimeout(timer);
}

function pathFinding({ kind, remote, state, rttMs, loss, isNarrow }: PathInfo): Finding {
  const subject = `${kind} ${remote}`;
  if (state === 'silent') return note(subject, 'Does not answer.');
  const role = state === 'current' ? 'In use' : 'Would take over';
  const says = `${role}: ${rttMs.toFixed(1)} ms, ${(loss * 100).toFixed(1)} % lost.`;
  if (!isNarrow) return ok(subject, says);
  return note(
    subject,
    `${says} Long packets disappear on the way; short ones are sent, which is a little slower.`,
    'A VPN or a router on the way drops them without a word: look for its MTU setting.',
  );
}

function wayFinding(way: Way, attempted: Attempt | undefined, begunAt: number): Finding {
  const subject = wayText(way);
  if (attempted === undefined || (attempted.at < begunAt && attempted.error === undefined)) {
    return note(subject, 'Has not been tried to its end yet.');
  }
  const { error, ms } = attempted;
  if (error === undefined) return ok(subject, `Answered after ${Math.round(ms)} ms.`);
  return wrong(subject, messageOf(error), adviceOn(way, error));
}

function adviceOn(way: Way, error: unknown): string {
  if (!(error instanceof SkerryError)) return 'Look at the log.';
  if (error.code !== 'no-answer' || way.kind !== 'udp') return error.hint;
  return (
    'Is the other peer running? If it is: a firewall, a guest Wi-Fi that keeps computers apart, or a VPN may stand ' +
    'between you. A NATS server that both of you use gets around all of them.'
  );
}
