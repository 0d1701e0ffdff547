import { createHash } from 'node:crypto';
import type { PeerKey } from '../../identity/types.ts';
import { WORDS } from './words.ts';

/** Six words of 11 bits each, and four pictures of 6 bits each from other bits of the same hash. */
const WORD_COUNT = 6;
const ICON_COUNT = 4;

/** 64 things that are easy to tell apart, drawn or by name; the names are those of Lucide's icons. */
const ICONS =
  'anchor apple axe banana bell bike bird bone book bug bus cake camera car carrot castle cat cherry clock cloud clover crown diamond dog drum egg feather fish flame flower gem ghost gift glasses grape guitar hammer heart hourglass house key lamp leaf magnet moon mountain music plane puzzle rabbit rocket rose sailboat scissors shell snail snowflake star sun tent turtle umbrella wheat wrench'.split(
    ' ',
  );

/** What two people compare: the same on both screens, or somebody stands between them. */
export interface Fingerprint {
  readonly words: readonly string[];
  readonly icons: readonly string[];
}

/**
 * The short authentication string of an acquaintance (docs/discovery.md): both keys, and what each side drew
 * at random. Neither side, nor anybody between them, can aim at a certain one, because the asker was bound to
 * its nonce before the other's was known.
 *
 * @param asker who asked, and its nonce (32 bytes)
 * @param asked who was asked, and its nonce (32 bytes)
 */
export function fingerprint(
  asker: { readonly key: PeerKey; readonly nonce: Uint8Array },
  asked: { readonly key: PeerKey; readonly nonce: Uint8Array },
): Fingerprint {
  const hash = createHash('sha256')
    .update(`skerry fingerprint 1\0${asker.key}${asked.key}`)
    .update(asker.nonce)
    .update(asked.nonce)
    .digest();
  let bits = BigInt(`0x${hash.toString('hex')}`);
  const take = (count: number): number => {
    const taken = Number(bits >> BigInt(256 - count));
    bits = BigInt.asUintN(256, bits << BigInt(count));
    return taken;
  };
  return {
    words: Array.from({ length: WORD_COUNT }, () => WORDS[take(11)] ?? ''),
    icons: Array.from({ length: ICON_COUNT }, () => ICONS[take(6)] ?? ''),
  };
}
