import type { LeafnodeOptions } from '../../options.ts';
import type { Report } from '../problems.ts';
import {
  problem,
  readArray,
  readBoolean,
  readDurationOrSeconds,
  readEach,
  readFields,
  readInteger,
  readMap,
  readString,
  readTimeout,
  type Draft,
} from '../read.ts';
import type { ConfigNode } from '../tree.ts';
import { checkCompression } from './compression.ts';
import { readKey } from './keys.ts';
import { readRemote } from './leaf-remote.ts';
import { checkedPort, readListen } from './listen.ts';
import { readTls } from './tls.ts';

type LeafAuthorization = NonNullable<LeafnodeOptions['authorization']>;
type LeafUser = NonNullable<LeafAuthorization['users']>[number];

/** `leafnodes { … }`: who may connect, and where to connect to. */
export function readLeafnodes(node: ConfigNode, report: Report): LeafnodeOptions {
  const draft: Draft<LeafnodeOptions> = {};
  const listen: { host: string; port: number; advertise?: string } = { host: '', port: 0 };
  readFields(
    readMap(node),
    {
      listen: (field) => Object.assign(listen, readListen(field)),
      port: (field) => (listen.port = checkedPort(field, readInteger(field))),
      'host|net': (field) => (listen.host = readString(field)),
      authorization: (field) => (draft.authorization = readLeafAuthorization(field, report)),
      remotes: (field) =>
        (draft.remotes = readEach(readArray(field), (item) => readRemote(item, report), report)),
      'reconnect|reconnect_delay|reconnect_interval': (field) =>
        (draft.reconnectInterval = readDurationOrSeconds(field, report)),
      tls: (field) => {
        const tls = readTls(field, report);
        if (tls !== undefined) draft.tls = tls;
      },
      'leafnode_advertise|advertise': (field) => (listen.advertise = readString(field)),
      no_advertise: (field) => (draft.noAdvertise = readBoolean(field)),
      'min_version|minimum_version': (field) => (draft.minVersion = readMinVersion(field)),
      compression: (field) => checkCompression(field, report),
    },
    report,
  );
  if (listen.port !== 0) draft.listen = { ...listen, host: listen.host || '0.0.0.0' };
  return draft;
}

function readMinVersion(node: ConfigNode): string {
  const text = readString(node);
  const match = /^v?(\d+)\.(\d+)\.(\d+)/.exec(text);
  if (match === null) throw problem(node.at, `invalid leafnode's minimum version: "${text}"`);
  const [major = 0, minor = 0] = match.slice(1).map(Number);
  if (major > 2 || (major === 2 && minor >= 8)) return text;
  throw problem(node.at, 'the minimum version should be at least 2.8.0');
}

function readLeafAuthorization(node: ConfigNode, report: Report): LeafAuthorization {
  const draft: Draft<LeafAuthorization> = {};
  readFields(
    readMap(node),
    {
      'user|username': (field) => (draft.user = readString(field)),
      'pass|password': (field) => (draft.password = readString(field)),
      nkey: (field) => (draft.nkey = readKey(field, 'user')),
      timeout: (field) => (draft.timeout = readTimeout(field)),
      users: (field) =>
        (draft.users = readEach(readArray(field), (item) => readLeafUser(item, report), report)),
      account: (field) => (draft.account = readString(field)),
    },
    report,
  );
  checkUsers(node, draft);
  return draft;
}

function readLeafUser(node: ConfigNode, report: Report): LeafUser {
  const draft: Draft<LeafUser> = {};
  readFields(
    readMap(node, 'a user as a map'),
    {
      'user|username': (field) => (draft.user = readString(field)),
      'pass|password': (field) => (draft.password = readString(field)),
      account: (field) => (draft.account = readString(field)),
    },
    report,
  );
  return draft;
}

function checkUsers(node: ConfigNode, { user, nkey, users = [] }: LeafAuthorization): void {
  if (users.length === 0) return;
  if ((user ?? '') !== '') {
    throw problem(node.at, 'can not have a single user/pass and a users array');
  }
  if (nkey !== undefined) {
    throw problem(node.at, 'can not have a single nkey and a users array');
  }
  const names = new Set<string>();
  for (const { user: name = '' } of users) {
    if (names.has(name)) {
      throw problem(node.at, `duplicate user "${name}" detected in leafnode authorization`);
    }
    names.add(name);
  }
}
