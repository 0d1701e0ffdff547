import { close, fstat, open, read } from 'node:fs';
import { promisify } from 'node:util';
import { webcrypto } from 'node:crypto';
import { LEAF_PREFIX } from '../chunk-tree.ts';
import { OPEN_TO_READ, identityOf } from '../scan/identity.ts';
import { WireError } from '../wire-errors.ts';

const openFile = promisify(open);
const closeFile = promisify(close);
const statFile = promisify(fstat);
const readFile = promisify(read);

/** A file of a share, open for one request, and known to be the file that was hashed. */
export class ServedFile {
  readonly #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** Throws WireError `file-changed` when the file is gone, unreadable, or not the one of `identity`. */
  static async open(absolute: string, identity: string): Promise<ServedFile> {
    let fd: number;
    try {
      fd = await openFile(absolute, OPEN_TO_READ);
    } catch (error) {
      throw new WireError('file-changed', { cause: error });
    }
    const file = new ServedFile(fd);
    try {
      const stats = await statFile(fd, { bigint: true });
      if (!stats.isFile() || identityOf(stats) !== identity) throw new WireError('file-changed');
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Fills `length` bytes of `target` from `offset`. Throws WireError `file-changed` at a premature end. */
  async read(target: Buffer, offset: number, length: number, position: number): Promise<void> {
    for (let done = 0; done < length;) {
      const { bytesRead } = await readFile(
        this.#fd,
        target,
        offset + done,
        length - done,
        position + done,
      );
      if (bytesRead === 0) throw new WireError('file-changed');
      done += bytesRead;
    }
  }

  async close(): Promise<void> {
    await closeFile(this.#fd);
  }
}

/** The leaf hash of a chunk that has no room in front of it; for the rare check on the source's side. */
export async function hashOfChunk(chunk: Uint8Array): Promise<Uint8Array> {
  const prefixed = Buffer.concat([Buffer.of(LEAF_PREFIX), chunk]);
  return new Uint8Array(await webcrypto.subtle.digest('SHA-256', prefixed));
}
