/** What a transform can make of one token; sizes are bytes. A size that does not fit leaves the token whole. */
import { hashWire } from './hash.ts';

/** The bucket of a key: FNV-1a, 32 bits, as nats-server. */
export function partition(key: string, buckets: number): number {
  return (hashWire(key) >>> 0) % buckets;
}

export function splitLeft(token: string, size: number): string {
  return fits(token, size) ? `${token.slice(0, size)}.${token.slice(size)}` : token;
}

export function splitRight(token: string, size: number): string {
  return fits(token, size) ? `${token.slice(0, -size)}.${token.slice(-size)}` : token;
}

/** Slices of `size`, the rest at the end. */
export function sliceLeft(token: string, size: number): string {
  if (!fits(token, size)) return token;
  const slices: string[] = [];
  for (let at = 0; at < token.length; at += size) slices.push(token.slice(at, at + size));
  return slices.join('.');
}

/** Slices of `size`, the rest at the start. */
export function sliceRight(token: string, size: number): string {
  if (!fits(token, size)) return token;
  const rest = token.length % size;
  const slices = rest === 0 ? [] : [token.slice(0, rest)];
  for (let at = rest; at < token.length; at += size) slices.push(token.slice(at, at + size));
  return slices.join('.');
}

/** The parts between delimiters that are not empty. */
export function splitAt(token: string, delimiter: string): string {
  return token
    .split(delimiter)
    .filter((part) => part !== '')
    .join('.');
}

export function leftOf(token: string, size: number): string {
  return fits(token, size) ? token.slice(0, size) : token;
}

export function rightOf(token: string, size: number): string {
  return fits(token, size) ? token.slice(-size) : token;
}

function fits(token: string, size: number): boolean {
  return size > 0 && size < token.length;
}
