/** Where a leaf listener can be reached, as INFO says it. */
import { networkInterfaces } from 'node:os';
import type { ListenOptions } from '../options.ts';

/** Host and port that other servers are told: what is advertised, or the first address that is not this machine's own. */
export function advertisedAddress(
  { host, advertise }: ListenOptions,
  port: number,
): { readonly host: string; readonly port: number } {
  const match = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(advertise ?? '');
  if (match !== null) {
    const [, bracketed, plain = '', given] = match;
    return { host: bracketed ?? plain, port: given === undefined ? port : Number(given) };
  }
  const any = host === '' || host === '0.0.0.0' || host === '::';
  return { host: any ? (outsideAddress() ?? host) : host, port };
}

export function hostAndPort({ host, port }: { host: string; port: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}

function outsideAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ internal, family }) => !internal && family === 'IPv4')?.address;
}
