/** Real files of a given size and their hashes, without holding them in memory. */
import { createHash, randomFillSync } from 'node:crypto';
import { createReadStream, closeSync, openSync, writeSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

const MIB = 1024 * 1024;

/** Writes a file of random bytes (a random MiB, varied each time it is repeated). */
export function writeRandomFile(path: string, bytes: number): void {
  const block = randomFillSync(Buffer.allocUnsafe(MIB));
  const file = openSync(path, 'w');
  try {
    for (let at = 0; at < bytes; at += MIB) {
      block.writeBigUInt64LE(BigInt(at), 0);
      writeSync(file, block, 0, Math.min(MIB, bytes - at));
    }
  } finally {
    closeSync(file);
  }
}

/** SHA-256 of a file, hex. */
export async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: MIB }), hash);
  return hash.digest('hex');
}

/** Relative path (with `/`) to SHA-256 of every regular file below a folder; links are looked through, once. */
export async function treeHashes(folder: string): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    hashes.set(relative(folder, path).split(sep).join('/'), await sha256(path));
  }
  return hashes;
}
