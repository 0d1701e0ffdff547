import { isIP } from 'node:net';
import type { Way } from '../../identity/types.ts';
import { familyOf, isOwnAddress } from './addresses.ts';

/** How many are kept, the latest ones: contacts may say anything. */
const MOST = 4;
/** After so long without being seen again it is forgotten, ms. */
const LASTING_MS = 10 * 60_000;

/** The addresses that others see this peer's port at: its mappings in NATs on the way. */
export class ObservedAddresses {
  /** By `host:port`: when it was said last. */
  readonly #seen = new Map<string, number>();
  readonly #now: () => number;

  /** @param now milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** @param address `192.0.2.1:4711` or `[2001:db8::1]:4711`, as another peer says */
  note(address: string): void {
    const way = wayOf(address);
    if (way === undefined || isOwnAddress(way.host)) return;
    this.#seen.delete(address);
    this.#seen.set(address, this.#now());
    for (const oldest of this.#seen.keys()) {
      if (this.#seen.size <= MOST) break;
      this.#seen.delete(oldest);
    }
  }

  ways(): (Way & { kind: 'udp' })[] {
    const since = this.#now() - LASTING_MS;
    return [...this.#seen]
      .filter(([, at]) => at >= since)
      .flatMap(([address]) => wayOf(address) ?? [])
      .toSorted((a, b) => (a.host + a.port < b.host + b.port ? -1 : 1));
  }
}

function wayOf(address: string): (Way & { kind: 'udp' }) | undefined {
  const found = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):([0-9]{1,5})$/.exec(address);
  const host = found?.[1] ?? found?.[2] ?? '';
  const port = Number(found?.[3]);
  if (isIP(host) === 0 || familyOf(host) === undefined || port < 1 || port > 65_535) {
    return undefined;
  }
  return { kind: 'udp', host, port };
}
