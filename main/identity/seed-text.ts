/** Seeds as NATS tools write them: `SA…` for accounts, `SU…` for users. Bytes all the way, never strings. */
import { Prefix } from 'nkeys.js';
import { Codec } from 'nkeys.js/lib/codec.js';
import { IdentityError } from './errors.ts';

const SEED_TEXT_LENGTH = 58;
const ROLES = { account: Prefix.Account, user: Prefix.User } as const;

/** @param seed raw, 32 bytes; @returns the text's bytes; wipe both */
export function encodeSeed(role: keyof typeof ROLES, seed: Uint8Array): Uint8Array {
  return Codec.encodeSeed(ROLES[role], seed);
}

/**
 * The raw seed (32 bytes) of the one account in a text: a bare seed, an `.nk` file, or a `.creds` file to
 * which the account's seed was added.
 *
 * @param source for the messages, e.g. `The file account.nk`
 * @throws IdentityError `seed-malformed`, `seed-not-account`
 */
export function findAccountSeed(text: Uint8Array, source: string): Uint8Array {
  let account: Uint8Array | undefined;
  let otherSeed = false;
  for (const token of base32Tokens(text)) {
    const seed = decodeSeed(token);
    if (seed === undefined) continue;
    if (seed.prefix !== Prefix.Account) {
      otherSeed = true;
    } else if (account !== undefined && Buffer.compare(account, seed.buf) !== 0) {
      throw new IdentityError('seed-malformed', `${source} holds the seeds of several accounts.`);
    } else {
      account = seed.buf;
    }
  }
  if (account !== undefined) return account;
  if (otherSeed) {
    throw new IdentityError(
      'seed-not-account',
      `${source} holds a seed, but not an account's; a user's (SU…) cannot stand for a peer.`,
    );
  }
  throw new IdentityError('seed-malformed', `${source} holds no whole, correctly typed seed.`);
}

/** Runs of base32 characters that have the length of a seed. */
function* base32Tokens(text: Uint8Array): Generator<Uint8Array> {
  let start = 0;
  for (let end = 0; end <= text.length; end += 1) {
    const byte = text[end] ?? 0;
    const isBase32 = (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x32 && byte <= 0x37);
    if (isBase32) continue;
    if (end - start === SEED_TEXT_LENGTH) yield text.subarray(start, end);
    start = end + 1;
  }
}

function decodeSeed(token: Uint8Array): { prefix: Prefix; buf: Uint8Array } | undefined {
  try {
    return Codec.decodeSeed(token);
  } catch {
    // Base32, but no seed, or one with a wrong checksum.
    return undefined;
  }
}
