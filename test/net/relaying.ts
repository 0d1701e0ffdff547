import type { PeerKey } from '../../main/identity/types.ts';
import type { NetPeer } from './net-peer.ts';

/**
 * Lets a peer carry between contacts of its own. The program cannot be asked for that yet: when it can, this is the
 * one place to do it.
 */
export async function allowRelaying(
  _relay: NetPeer,
  _contacts: readonly PeerKey[],
): Promise<void> {}
