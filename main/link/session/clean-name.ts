/** UTF-16 units, as every schema of the program counts them. */
export const MAX_NAME_LENGTH = 64;

/**
 * Controls, line and paragraph separators, lone surrogates, noncharacters, and what turns or hides text
 * without being seen: directional marks, embeddings, overrides and isolates (UAX #9), zero-width space,
 * byte order mark. The zero-width joiner stays: emoji and several scripts need it.
 */
const UNWANTED =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\u061C\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF]/gu;

/** A display name that is safe to show: NFC, one line, no invisible tricks, at most 64 characters; may be empty. */
export function cleanName(name: string): string {
  // Eight times the length is more than any name that can be shown needs, and bounds the work.
  const spaced = name.slice(0, MAX_NAME_LENGTH * 8).replace(/[\t\n\r\u2028\u2029]/g, ' ');
  const cleaned = spaced.replace(UNWANTED, '').normalize('NFC').replace(/\s+/gu, ' ').trim();
  if (cleaned.length <= MAX_NAME_LENGTH) return cleaned;
  let cut = '';
  for (const character of cleaned) {
    if (cut.length + character.length > MAX_NAME_LENGTH) break;
    cut += character;
  }
  return cut.trimEnd();
}
