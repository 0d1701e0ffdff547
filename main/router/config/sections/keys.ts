import { Prefix } from 'nkeys.js';
import { Codec } from 'nkeys.js/lib/codec.js';
import { decodeNKey, type NKeyRole } from '../../../base/nkey.ts';
import { problem, readString } from '../read.ts';
import type { ConfigNode } from '../tree.ts';

/** A public NKey of a role. */
export function readKey(node: ConfigNode, role: NKeyRole): string {
  const key = readString(node);
  if (decodeNKey(role, key) !== undefined) return key;
  // Not quoted: it may be the seed by mistake.
  throw problem(node.at, `Not a valid public nkey for ${role === 'user' ? 'a' : 'an'} ${role}`);
}

/** Whether this is the seed of a user (`SU…`) with a right checksum. */
export function isUserSeed(text: string): boolean {
  if (!/^SU[A-Z2-7]{56}$/.test(text)) return false;
  try {
    return Codec.decodeSeed(new TextEncoder().encode(text)).prefix === Prefix.User;
  } catch {
    // Wrong checksum: no seed.
    return false;
  }
}
