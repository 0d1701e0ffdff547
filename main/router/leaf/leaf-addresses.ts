/** Where a leaf listener can be reached, as INFO says it. */
import { isIPv4 } from 'node:net';
import { outsideHosts } from '../listen/any-address.ts';
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
  return { host: outsideHosts(host).find((one) => isIPv4(one)) ?? host, port };
}
