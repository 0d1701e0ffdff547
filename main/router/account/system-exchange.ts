/**
 * What the system account gives to every account, without anybody having configured it: an account's own
 * connections and statistics, and a client's own user (nats-server's registerSystemImports).
 */
import type { AccountOptions, ExportOptions, ImportOptions } from '../options.ts';
import { isSubsetOf } from '../subject/match.ts';
import { toWire } from '../subject/wire.ts';

const USER_INFO = '$SYS.REQ.USER.INFO';

/** The exports of the system account, with those that every account uses; its own ones come first. */
export function systemExports({ exports = [] }: AccountOptions): ExportOptions[] {
  const services = exports.filter(({ kind }) => kind === 'service');
  const missing = OWN.filter(
    ({ subject }) => !services.some((one) => isSubsetOf(subject, toWire(one.subject))),
  );
  return [...exports, ...missing];
}

/** The imports that an account gets from the system account. */
export function systemImports(account: string, system: string): ImportOptions[] {
  const userInfo = service(system, USER_INFO, `$SYS.REQ.USER.${account}.INFO`, true);
  if (account === system) return [userInfo];
  const connections = `$SYS.REQ.ACCOUNT.${account}.CONNZ`;
  return [
    service(system, '$SYS.REQ.ACCOUNT.PING.CONNZ', connections),
    service(system, '$SYS.REQ.SERVER.PING.CONNZ', connections),
    service(system, '$SYS.REQ.ACCOUNT.PING.STATZ', `$SYS.REQ.ACCOUNT.${account}.STATZ`),
    userInfo,
  ];
}

const OWN: readonly ExportOptions[] = [
  {
    kind: 'service',
    subject: '$SYS.REQ.ACCOUNT.*.CONNZ',
    responseType: 'stream',
    accountTokenPosition: 4,
  },
  {
    kind: 'service',
    subject: '$SYS.REQ.ACCOUNT.*.STATZ',
    responseType: 'stream',
    accountTokenPosition: 4,
  },
  { kind: 'service', subject: '$SYS.DEBUG.SUBSCRIBERS' },
  { kind: 'service', subject: '$SYS.REQ.USER.*.INFO' },
];

function service(account: string, to: string, subject: string, share = false): ImportOptions {
  return { kind: 'service', account, subject, to, share };
}
