import { constants, type BigIntStats } from 'node:fs';

/** What tells that a file is still the one that was hashed: size, mtime in nanoseconds, inode. */
export function identityOf(stats: BigIntStats): string {
  return `${stats.size}:${stats.mtimeNs}:${stats.ino}`;
}

/** Milliseconds since 1970, never negative. */
export function modifiedAtOf(stats: BigIntStats): number {
  return Math.max(0, Number(stats.mtimeMs));
}

export function isExecutable(stats: BigIntStats): boolean {
  return process.platform !== 'win32' && (Number(stats.mode) & 0o100) !== 0;
}

/** Reading without ever waiting for a writer, should a named pipe stand where a file was. */
export const OPEN_TO_READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
