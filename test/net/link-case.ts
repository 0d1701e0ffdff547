import type { Way } from '../../main/identity/types.ts';
import type { ConfigInput } from '../../main/peer/config.ts';
import type { PathKind } from '../../main/link/types.ts';
import type { FileTransfer } from './file-transfer.ts';
import type { Lab } from './lab.ts';
import type { NetPeer } from './net-peer.ts';
import type { NetNode } from './node.ts';

/** Where a peer runs, and with which further options of `skerry up`. */
export interface Seat {
  readonly node: NetNode;
  readonly args: readonly string[];
  /** What its config.json says; default: there is none. */
  readonly config?: ConfigInput;
}

/** A relay is a contact of both; they find it by its address alone. */
export interface RelaySeat extends Seat {
  readonly host: string;
  readonly port: number;
}

/** The peers of a case while their file is on its way. */
export interface Running {
  readonly first: NetPeer;
  readonly second: NetPeer;
  readonly relays: readonly NetPeer[];
  readonly transfer: FileTransfer;
}

/** A topology that is built, and who will run where. */
export interface Scene {
  /** Starts first; sends the file. */
  readonly first: Seat;
  /** Comes online when the first one is; receives the file. */
  readonly second: Seat;
  /**
   * `invite`: the second one adds an invite of the first, which tells its addresses; the clock starts there.
   * `contacts`: they know each other's keys, and `knownWays`; the clock starts when the second one is ready.
   */
  readonly meet: 'invite' | 'contacts';
  /** How contacts find each other, both alike, as if they had met before; default: they know no way. */
  readonly knownWays?: readonly Way[];
  readonly relays?: readonly RelaySeat[];
  /** Of the file; default: as much as the case needs to be disturbed. */
  readonly bytes?: number;
  /** Happens when a part of the file has arrived; throws what was not as it should. */
  readonly disturb?: (running: Running) => Promise<void>;
}

/** What others have yet to build before a case can end as it should. */
export type Feature = 'discovery' | 'own deployments' | 'punching' | 'relay' | 'several paths';

export interface LinkCase {
  readonly name: string;
  /** For people. */
  readonly what: string;
  /** The path that the link is on in the end. */
  readonly best: PathKind;
  /** The link is to be up within so many seconds; default: no limit of its own. */
  readonly linkSeconds?: number;
  /**
   * The feature is not there yet, and this is how far the case comes without it: the path, over which the file
   * arrives, or null when nothing of it works. Delete it when the feature is there: from then on the case has to
   * end as it says.
   */
  readonly awaits?: { readonly feature: Feature; readonly today: PathKind | null };
  /** The tests leave it to the runner: it differs little from others. */
  readonly isForRunner?: true;
  readonly build: (lab: Lab) => Promise<Scene>;
}
