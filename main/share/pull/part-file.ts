import * as fs from 'node:fs';
import { promisify } from 'node:util';
import { codeOf } from '../../base/errors.ts';

const open = promisify(fs.open);
const close = promisify(fs.close);
const fstat = promisify(fs.fstat);
const futimes = promisify(fs.futimes);
const fdatasync = promisify(fs.fdatasync);
const unlink = promisify(fs.unlink);
const read = promisify(fs.read);
const write = promisify(fs.write);

const { O_CREAT, O_EXCL, O_RDONLY, O_RDWR } = fs.constants;
/** Undefined on Windows, where a new file can be no link either (O_EXCL). */
const O_NOFOLLOW = fs.constants.O_NOFOLLOW ?? 0;
const O_NONBLOCK = fs.constants.O_NONBLOCK ?? 0;

/**
 * Files of at least this size are on the disk before they get their name. Smaller ones are not: a sync each
 * would cost some milliseconds a file, more than everything else together, and what is lost with the power is
 * what the system had not written in the last seconds.
 */
const SYNC_BYTES = 1024 * 1024;

/** A file on its way: written in any order, read back to be checked, never under its final name. */
export class PartFile {
  readonly #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** Makes it anew; what an earlier run may have left there goes. Links are never followed. */
  static async create(path: string, executable: boolean): Promise<PartFile> {
    const flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW;
    const mode = executable ? 0o777 : 0o666;
    try {
      return new PartFile(await open(path, flags, mode));
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      await unlink(path);
      return new PartFile(await open(path, flags, mode));
    }
  }

  /** Opens what an earlier run left, or undefined when there is none, or none that is a file of its own. */
  static async reopen(
    path: string,
    access: 'read' | 'write',
  ): Promise<{ file: PartFile; size: number } | undefined> {
    let fd: number;
    try {
      fd = await open(path, (access === 'read' ? O_RDONLY : O_RDWR) | O_NOFOLLOW | O_NONBLOCK);
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ELOOP') return undefined;
      throw error;
    }
    const file = new PartFile(fd);
    const stats = await fstat(fd);
    if (stats.isFile() && (access === 'read' || stats.nlink === 1)) {
      return { file, size: stats.size };
    }
    await file.close();
    return undefined;
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await write(
        this.#fd,
        bytes,
        done,
        bytes.length - done,
        position + done,
      );
      done += bytesWritten;
    }
  }

  /** Reads up to `length` bytes; fewer only at the end of the file. */
  async read(target: Buffer, offset: number, length: number, position: number): Promise<number> {
    let done = 0;
    while (done < length) {
      const { bytesRead } = await read(
        this.#fd,
        target,
        offset + done,
        length - done,
        position + done,
      );
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  /** The file is whole: sets its time, makes it last, and closes it. @param modifiedAt milliseconds */
  async finish(size: number, modifiedAt: number): Promise<void> {
    try {
      await futimes(this.#fd, modifiedAt / 1000, modifiedAt / 1000);
      if (size >= SYNC_BYTES) await fdatasync(this.#fd);
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    await close(this.#fd);
  }
}
