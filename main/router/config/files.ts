import { closeSync, openSync, readSync, realpathSync } from 'node:fs';
import { codeOf, messageOf } from '../../base/errors.ts';

/** Bytes of one file. Operators' preloaded JWTs make the largest ones. */
const MAX_FILE = 8 * 1024 * 1024;
/** Bytes and files of one configuration with all its includes. */
const MAX_TOTAL = 32 * 1024 * 1024;
const MAX_FILES = 1_000;

/** Reads the files of one configuration, within bounds however they include each other. */
export class ConfigFiles {
  #bytes = 0;
  #files = 0;

  /** @throws Error with a sentence that names the file */
  read(path: string): Buffer {
    this.#files += 1;
    if (this.#files > MAX_FILES) throw new Error(`more than ${MAX_FILES} files are included`);
    const content = readBounded(path);
    this.#bytes += content.byteLength;
    if (this.#bytes > MAX_TOTAL) {
      throw new Error(`the configuration is larger than ${MAX_TOTAL} bytes with its includes`);
    }
    return content;
  }
}

/** The same text for the same file, however it is named. */
export function identityOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // It does not exist: reading it says so.
    return path;
  }
}

/** Pipes have no size to ask for, hence read and count. */
function readBounded(path: string): Buffer {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const parts: Buffer[] = [];
    for (let size = 0; ;) {
      const part = Buffer.allocUnsafe(64 * 1024);
      const length = readSync(file, part);
      if (length === 0) return Buffer.concat(parts);
      parts.push(part.subarray(0, length));
      size += length;
      if (size > MAX_FILE) throw new Error(`${path} is larger than ${MAX_FILE} bytes`);
    }
  } catch (error) {
    const reason = REASONS[codeOf(error) ?? ''];
    throw new Error(reason === undefined ? messageOf(error) : `open ${path}: ${reason}`, {
      cause: error,
    });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
};
