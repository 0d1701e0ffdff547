import type { ConnectionType, UserOptions } from '../../options.ts';
import type { Report } from '../problems.ts';
import {
  problem,
  readArray,
  readEach,
  readFields,
  readMap,
  readString,
  readStrings,
  type Draft,
} from '../read.ts';
import type { ConfigNode, Position } from '../tree.ts';
import { readKey } from './keys.ts';
import { readPermissions } from './permissions.ts';

const CONNECTION_TYPES: ReadonlySet<string> = new Set<ConnectionType>([
  'STANDARD',
  'WEBSOCKET',
  'LEAFNODE',
  'LEAFNODE_WS',
  'MQTT',
  'MQTT_WS',
  'IN_PROCESS',
]);

/** A user and where it was written, for what is checked across sections. */
export interface PlacedUser {
  readonly at: Position;
  readonly user: UserOptions;
}

export function readUsers(node: ConfigNode, report: Report): PlacedUser[] {
  return readEach(
    readArray(node, 'an array of users'),
    (item) => ({ at: item.at, user: readUser(item, report) }),
    report,
  );
}

function readUser(node: ConfigNode, report: Report): UserOptions {
  const draft: Draft<UserOptions> = {};
  readFields(
    readMap(node, 'a user as a map'),
    {
      nkey: (field) => (draft.nkey = readKey(field, 'user')),
      'user|username': (field) => (draft.user = readString(field)),
      'pass|password': (field) => (draft.password = readString(field)),
      'permission|permissions|authorization': (field) =>
        (draft.permissions = readPermissions(field, report)),
      'allowed_connection_types|connection_types|clients': (field) =>
        (draft.allowedConnectionTypes = readConnectionTypes(field)),
    },
    report,
  );
  if (draft.nkey === undefined && (draft.user ?? '') === '') {
    // Without one because it was wrong: that has been told already.
    const entries = readMap(node);
    if (!entries.has('nkey')) throw problem(node.at, 'User entry requires a user');
  } else if (draft.nkey !== undefined && (draft.user ?? draft.password) !== undefined) {
    throw problem(node.at, 'Nkey users do not take usernames or passwords');
  }
  return draft;
}

function readConnectionTypes(node: ConfigNode): ConnectionType[] {
  return readStrings(node).map((text) => {
    const type = text.toUpperCase();
    if (isConnectionType(type)) return type;
    throw problem(node.at, `unknown connection type "${text}"`);
  });
}

function isConnectionType(text: string): text is ConnectionType {
  return CONNECTION_TYPES.has(text);
}
