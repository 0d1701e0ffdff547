/**
 * Paths that come from the network: what is refused, and how what is allowed is named on this system.
 * Pure; the platform is a parameter, so that every system's rules are tested on every system.
 */
import { hash } from 'node:crypto';

export type Platform = 'linux' | 'darwin' | 'win32';

/** Bytes of UTF-8 of a whole path; longer ones are refused (Linux: PATH_MAX). */
export const MAX_PATH_BYTES = 4_096;
/** Bytes of UTF-8 of one part. No system has names as long: 255 UTF-16 units are 765 bytes at most. */
export const MAX_PART_BYTES = 1_024;
/** Longest local name: bytes on Linux and macOS, UTF-16 units on Windows. */
const MAX_NAME = 255;

/** Windows: "Naming Files, Paths, and Namespaces", with what Explorer refuses besides. */
const WINDOWS_DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *$/i;
const WINDOWS_FORBIDDEN = /[\u0000-\u001f<>:"|?*\\]/g;
/** What every name that was changed carries, and what a name from outside must therefore not carry. */
const MARK = /~[0-9a-f]{12}(\.|$)/;
/** Characters that HFS+ leaves out when it compares names. */
const HFS_IGNORED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/** The platform to map for; systems that are neither Windows nor macOS hold what Linux holds. */
export function platformOf(name: NodeJS.Platform): Platform {
  return name === 'win32' || name === 'darwin' ? name : 'linux';
}

/** Why a path must be refused, in words, or undefined when it may be used. */
export function pathProblem(path: string, platform: Platform): string | undefined {
  if (path === '') return 'is empty';
  if (path.length > MAX_PATH_BYTES || Buffer.byteLength(path) > MAX_PATH_BYTES) {
    return `is longer than ${MAX_PATH_BYTES} bytes`;
  }
  if (path.includes('\0')) return 'holds a NUL character';
  if (path.startsWith('/')) return 'is absolute';
  if (platform === 'win32' && path.includes('\\')) return 'holds a backslash';
  if (platform === 'win32' && /^[a-z]:(\/|$)/i.test(path)) return 'starts with a drive letter';
  if (!path.isWellFormed()) return 'is not valid Unicode';
  if (path !== path.normalize('NFC')) return 'is not in Unicode form NFC';
  for (const part of path.split('/')) {
    if (part === '') return 'has an empty part';
    if (part === '.' || part === '..') return `has the part "${part}"`;
    if (Buffer.byteLength(part) > MAX_PART_BYTES) {
      return `has a part longer than ${MAX_PART_BYTES} bytes`;
    }
  }
  return undefined;
}

/** A path from outside as it may stand in a message: quoted, without controls and bidi tricks, short. */
export function shownPath(path: string): string {
  const short = path.length > 120 ? `${path.slice(0, 100)}…${path.slice(-16)}` : path;
  return JSON.stringify(short).replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`,
  );
}

/** Whether two names that differ in case or Unicode form are one on this platform's usual file systems. */
export function ignoresCase(platform: Platform): boolean {
  return platform !== 'linux';
}

/** Equal for names that the platform may take for one; rather too often equal than too seldom. */
export function foldName(name: string, platform: Platform): string {
  if (!ignoresCase(platform)) return name;
  const kept = platform === 'darwin' ? name.replace(HFS_IGNORED, '') : name;
  return kept.normalize('NFD').toUpperCase().toLowerCase().normalize('NFC');
}

function lengthOf(name: string, platform: Platform): number {
  return platform === 'win32' ? name.length : Buffer.byteLength(name);
}

/** The longest start of `text` of at most `limit` bytes or units that ends between two characters. */
function cut(text: string, limit: number, platform: Platform): string {
  if (lengthOf(text, platform) <= limit) return text;
  let kept = '';
  let length = 0;
  for (const character of text) {
    length += lengthOf(character, platform);
    if (length > limit) break;
    kept += character;
  }
  return kept;
}

/** Splits before the last extension, if that is short: `a.tar.gz` → `a.tar`, `.gz`; `.bashrc` has none. */
function splitExtension(name: string): [stem: string, extension: string] {
  const dot = name.lastIndexOf('.');
  return dot > 0 && name.length - dot <= 16 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
}

function isDevice(name: string): boolean {
  return WINDOWS_DEVICE.test(name.split('.', 1)[0] ?? '');
}

/** A name nobody else gets: made legal, with 48 bits of the original's hash. */
export function markedName(part: string, platform: Platform): string {
  const mark = `~${hash('sha256', part).slice(0, 12)}`;
  const legal =
    platform === 'win32' ? part.replace(WINDOWS_FORBIDDEN, '_').replace(/[. ]+$/, '') : part;
  if (platform === 'win32' && isDevice(legal)) {
    const dot = legal.includes('.') ? legal.indexOf('.') : legal.length;
    return `${legal.slice(0, dot).trimEnd()}${mark}${cut(legal.slice(dot), 200, platform).replace(/[. ]+$/, '')}`;
  }
  const [stem, extension] = splitExtension(legal);
  const room = MAX_NAME - mark.length - lengthOf(extension, platform);
  return `${cut(stem, room, platform)}${mark}${extension}`;
}

/**
 * The name of one legal part on this platform, alone of its siblings: the same part always gets the same
 * name, and two parts never get one name (but for a collision of 48 bits of SHA-256).
 */
export function localName(part: string, platform: Platform): string {
  const fits =
    lengthOf(part, platform) <= MAX_NAME &&
    !MARK.test(part) &&
    (platform !== 'win32' ||
      (part.search(WINDOWS_FORBIDDEN) < 0 && !/[. ]$/.test(part) && !isDevice(part)));
  return fits ? part : markedName(part, platform);
}

/** The name of the folder that a share called `name` is put into. */
export function folderNameOf(name: string, platform: Platform): string {
  const part = name
    .toWellFormed()
    .normalize('NFC')
    .replace(/[\p{Cc}/]/gu, '_')
    .trim();
  return part === '' || part === '.' || part === '..' ? 'share' : localName(part, platform);
}

/** `report.pdf` → `report (2).pdf`, `docs` → `docs (2)`; never longer than a name may be. */
export function numberedName(
  name: string,
  number: number,
  kind: 'file' | 'folder',
  platform: Platform,
): string {
  const [stem, extension] = kind === 'file' ? splitExtension(name) : [name, ''];
  const suffix = ` (${number})${extension}`;
  return `${cut(stem, MAX_NAME - lengthOf(suffix, platform), platform)}${suffix}`;
}
