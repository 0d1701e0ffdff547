/** The longest name a peer can give itself, UTF-16 units (so that no schema or column counts fewer). */
export const MAX_NAME_LENGTH = 64;

/** Far more than any name, so that a hostile text costs nothing. */
const MAX_INPUT_LENGTH = 1_024;

/** Controls and line separators: they become a space. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;

/**
 * Lone surrogates and the invisible characters that reorder or hide text (Unicode bidi controls, zero-width
 * space, BOM, word joiner, tags): they go. Joiners U+200C and U+200D stay: Persian, Indic scripts and emoji
 * need them.
 */
const INVISIBLE =
  /[\p{Cs}\u00AD\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]+/gu;

/**
 * A name from outside, made safe to show: Unicode NFC, no controls, nothing invisible, runs of white space
 * as one space, at most 64 UTF-16 units. Empty when nothing is left: show something else then.
 */
export function cleanName(text: string): string {
  const cleaned = text
    .slice(0, MAX_INPUT_LENGTH)
    .replace(CONTROLS, ' ')
    .replace(INVISIBLE, '')
    .normalize('NFC')
    .replace(/\s+/gu, ' ')
    .trim();
  if (cleaned.length <= MAX_NAME_LENGTH) return cleaned;
  let cut = '';
  for (const character of cleaned) {
    if (cut.length + character.length > MAX_NAME_LENGTH) break;
    cut += character;
  }
  return cut.trim();
}
