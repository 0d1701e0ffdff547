import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PathKind } from '../../main/link/types.ts';
import { addContact, makeHome } from './homes.ts';
import { Lab } from './lab.ts';
import type { LinkCase, Running, Scene } from './link-case.ts';
import { startNetPeer, type LinkMoment, type NetPeer } from './net-peer.ts';
import { allowRelaying } from './relaying.ts';
import { transferFile } from './file-transfer.ts';
import { until } from './waiting.ts';

const MIB = 1024 ** 2;
const QUIET_BYTES = 4 * MIB;
/** Over a slow cable this takes 4 s. */
const DISTURBED_BYTES = 32 * MIB;
/** When so much has arrived, it is disturbed. */
const DISTURBED_AT = 0.25;

/** How long a link may take before it counts as none. */
const LINK_SECONDS = 15;
/** A better path that has come back is taken again within so long. */
const BACK_SECONDS = 4;
/** How long a transfer may stand still: until a lost link is noticed, and dialled again. */
const STALL_SECONDS = 75;
const AWAITING_STALL_SECONDS = 8;

export interface CaseResult {
  readonly name: string;
  readonly what: string;
  /** What the link was on in the end; `two`: each side sends by another one. */
  readonly path: PathKind | 'none' | 'two';
  /** Until both sides had the link, seconds. */
  readonly linkSeconds: number | undefined;
  /** Until both sides were on the best path, seconds. */
  readonly bestSeconds: number | undefined;
  /** Whether the file arrived as it was; undefined when none was sent. */
  readonly isFileRight: boolean | undefined;
  /** The longest time in which nothing of the file arrived, seconds. */
  readonly pauseSeconds: number | undefined;
  /** Why it did not end as it should; undefined when it did. */
  readonly failure: string | undefined;
  /** What the peers logged, newest last. */
  readonly log: string;
}

export interface RunOptions {
  /** A folder where the peers of all cases keep compiled sources. */
  readonly compileCache: string;
  /** How long the best path may take before it counts as not reached. */
  readonly bestSeconds: number;
  /** How long a case that awaits a feature is given to end as it should all the same. */
  readonly awaitingSeconds: number;
}

/** Builds the case's topology, runs its peers, measures, and removes everything. Never rejects for what peers do. */
export async function runCase(one: LinkCase, options: RunOptions): Promise<CaseResult> {
  const { compileCache, bestSeconds, awaitingSeconds } = options;
  await using lab = new Lab();
  const measured: { -readonly [Key in keyof CaseResult]: CaseResult[Key] } = {
    name: one.name,
    what: one.what,
    path: 'none',
    linkSeconds: undefined,
    bestSeconds: undefined,
    isFileRight: undefined,
    pauseSeconds: undefined,
    failure: undefined,
    log: '',
  };
  const peers: NetPeer[] = [];
  try {
    const scene = await one.build(lab);
    const { first, second, relays, startedAt } = await start(lab, scene, peers, compileCache);
    const awaiting = one.awaits !== undefined;
    await until(
      () => (pathOf(first, second) === undefined ? undefined : true),
      'a link',
      awaiting && one.awaits.today === null ? awaitingSeconds : LINK_SECONDS,
    );
    const linkedAt = since(first, second, () => true);
    measured.linkSeconds = seconds(linkedAt - startedAt);
    await until(
      () => (pathOf(first, second) === one.best ? true : undefined),
      `a link over ${one.best}`,
      awaiting ? awaitingSeconds : bestSeconds,
    ).catch((error: unknown) => {
      if (!awaiting) throw error;
    });
    if (pathOf(first, second) === one.best) {
      measured.bestSeconds = seconds(since(first, second, (path) => path === one.best) - startedAt);
    }
    const bytes = scene.bytes ?? (scene.disturb === undefined ? QUIET_BYTES : DISTURBED_BYTES);
    measured.isFileRight = false;
    const transfer = await transferFile(
      first,
      second,
      bytes,
      awaiting ? AWAITING_STALL_SECONDS : STALL_SECONDS,
    );
    if (scene.disturb !== undefined) {
      await transfer.reached(Math.min(DISTURBED_AT, DISTURBED_BYTES / bytes));
      await scene.disturb({ first, second, relays, transfer });
    }
    await transfer.done();
    measured.isFileRight = true;
    measured.pauseSeconds = seconds(transfer.longestPauseMs());
    await until(
      () => (pathOf(first, second) === one.best ? true : undefined),
      `a link over ${one.best} after the file`,
      awaiting ? 0 : BACK_SECONDS,
    );
  } catch (error) {
    measured.failure = error instanceof Error ? error.message : String(error);
  }
  const [first, second] = peers.slice(-2);
  if (first !== undefined && second !== undefined) {
    const isLinked = [first.history(second.home.key), second.history(first.home.key)].every(
      (history) => history.at(-1)?.link !== undefined,
    );
    measured.path = pathOf(first, second) ?? (isLinked ? 'two' : 'none');
    for (const [peer, other] of [
      [first, second],
      [second, first],
    ] as const) {
      const links = await peer.api.call('links.list', {}).catch(String);
      measured.log += `${peer.home.name}: ${historyText(peer.history(other.home.key))}\n`;
      measured.log += `  in the end: ${JSON.stringify(links)}\n`;
    }
  }
  measured.log += peers.map((peer) => `--- ${peer.home.name}\n${peer.log()}`).join('\n');
  await Promise.all(peers.map((peer) => peer.kill()));
  return measured;
}

/** Everybody online, in this order: relays, the first peer, the second. */
async function start(
  lab: Lab,
  scene: Scene,
  peers: NetPeer[],
  compileCache: string,
): Promise<Omit<Running, 'transfer'> & { startedAt: number }> {
  const seats = [scene.first, scene.second];
  const [alice, bob] = [await makeHome(lab.folder, 'alice'), await makeHome(lab.folder, 'bob')];
  if (scene.meet === 'contacts') {
    addContact(alice, bob, scene.knownWays);
    addContact(bob, alice, scene.knownWays);
  }
  const startOne = async (seat: Scene['first'], home: typeof alice): Promise<NetPeer> => {
    if (seat.config !== undefined) {
      writeFileSync(join(home.path, 'config.json'), JSON.stringify(seat.config));
    }
    const peer = await startNetPeer(seat.node, home, seat.args, compileCache);
    peers.push(peer);
    return peer;
  };
  const relays: NetPeer[] = [];
  for (const seat of scene.relays ?? []) {
    const home = await makeHome(lab.folder, seat.node.name);
    for (const other of [alice, bob]) {
      addContact(home, other);
      addContact(other, home, [{ kind: 'udp', host: seat.host, port: seat.port }]);
    }
    const relay = await startOne(seat, home);
    await allowRelaying(relay, [alice, bob]);
    relays.push(relay);
  }
  const [seatOfFirst, seatOfSecond] = seats;
  if (seatOfFirst === undefined || seatOfSecond === undefined) throw new Error('no seats');
  const first = await startOne(seatOfFirst, alice);
  const second = await startOne(seatOfSecond, bob);
  let startedAt = second.readyAt;
  if (scene.meet === 'invite') {
    const { link } = await first.api.call('invites.create', {});
    startedAt = Date.now();
    await second.api.call('contacts.add', { target: link });
  }
  return { first, second, relays, startedAt };
}

/** The path that both sides have to each other now. */
function pathOf(first: NetPeer, second: NetPeer): PathKind | undefined {
  const ofFirst = first.history(second.home.key).at(-1)?.link?.path;
  const ofSecond = second.history(first.home.key).at(-1)?.link?.path;
  return ofFirst === ofSecond ? ofFirst : undefined;
}

/** The paths of a peer one after another, with the seconds since the first. */
function historyText(history: readonly LinkMoment[]): string {
  const begin = history[0]?.at ?? 0;
  const text = ({ at, link }: LinkMoment): string =>
    `${seconds(at - begin).toFixed(2)} ${link === undefined ? 'down' : `${link.path} ${link.remote}`}`;
  return history.map(text).join(', ');
}

/** When both sides first had a path of this kind, milliseconds since 1970. */
function since(first: NetPeer, second: NetPeer, isIt: (path: PathKind) => boolean): number {
  const moments = [first.history(second.home.key), second.history(first.home.key)].map(
    (history) => history.find(({ link }) => link !== undefined && isIt(link.path))?.at ?? NaN,
  );
  return Math.max(...moments);
}

/** Never below 0: a link may be up before its peer says that it is ready. */
function seconds(ms: number): number {
  return Math.max(0, ms) / 1000;
}
