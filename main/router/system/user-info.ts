/** `$SYS.REQ.USER.INFO`: who the asker is here, and what it may. */
import type { PermissionOptions } from '../options.ts';
import { userOf } from '../monitor/connection-facts.ts';
import { nanoseconds } from '../monitor/go-format.ts';
import type { MonitoredConnection } from '../monitor/view.ts';

export function userInfo(connection: MonitoredConnection): object {
  const { admission, account } = connection;
  const { permissions, expires } = admission ?? {};
  const left = expires === undefined ? 0 : Math.floor((expires.at - Date.now()) / 1_000) * 1_000;
  return {
    user: userOf(connection),
    account: account?.name ?? '',
    permissions: permissions && permissionFacts(permissions),
    expires: left === 0 ? undefined : nanoseconds(left),
  };
}

function permissionFacts({ publish, subscribe, responses }: PermissionOptions): object {
  return {
    publish: { allow: some(publish?.allow), deny: some(publish?.deny) },
    subscribe: { allow: some(subscribe?.allow), deny: some(subscribe?.deny) },
    responses: responses && { max: responses.max, ttl: nanoseconds(responses.expires) },
  };
}

function some(subjects: readonly string[] | undefined): readonly string[] | undefined {
  return subjects === undefined || subjects.length === 0 ? undefined : subjects;
}
