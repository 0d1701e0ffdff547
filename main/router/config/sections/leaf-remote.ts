import { homedir } from 'node:os';
import { join } from 'node:path';

import type { LeafRemoteOptions } from '../../options.ts';
import type { Report } from '../problems.ts';
import {
  problem,
  readBoolean,
  readDurationOrSeconds,
  readFields,
  readMap,
  readString,
  readStrings,
  type Draft,
} from '../read.ts';
import type { ConfigNode } from '../tree.ts';
import { checkCompression } from './compression.ts';
import { isUserSeed } from './keys.ts';
import { readPermissionSubjects } from './permissions.ts';
import { readClientTls } from './tls.ts';

/** One of `remotes [ { url, … } ]`. */
export function readRemote(node: ConfigNode, report: Report): LeafRemoteOptions {
  const draft: Draft<LeafRemoteOptions> = { urls: [] };
  const websocket: { compression?: boolean; noMasking?: boolean } = {};
  readFields(
    readMap(node, 'a remote as a map'),
    {
      'no_randomize|dont_randomize': (field) => (draft.noRandomize = readBoolean(field)),
      'url|urls': (field) => (draft.urls = readUrls(field)),
      'account|local': (field) => (draft.account = readString(field)),
      'creds|credentials': (field) => (draft.credentials = expandPath(readString(field))),
      'nkey|seed': (field) => (draft.nkey = readSeed(field)),
      tls: (field) => (draft.tls = readClientTls(field, report)),
      hub: (field) => (draft.hub = readBoolean(field)),
      'deny_imports|deny_import': (field) => (draft.denyImports = readPermissionSubjects(field)),
      'deny_exports|deny_export': (field) => (draft.denyExports = readPermissionSubjects(field)),
      'ws_compress|ws_compression|websocket_compress|websocket_compression': (field) =>
        (websocket.compression = readBoolean(field)),
      'ws_no_masking|websocket_no_masking': (field) => (websocket.noMasking = readBoolean(field)),
      'jetstream_cluster_migrate|js_cluster_migrate': () => undefined,
      compression: (field) => checkCompression(field, report),
      first_info_timeout: (field) =>
        (draft.firstInfoTimeout = readDurationOrSeconds(field, report)),
    },
    report,
  );
  if (draft.credentials !== undefined && draft.nkey !== undefined) {
    throw problem(node.at, 'Remote leafnode can not have both creds and nkey defined');
  }
  if (Object.keys(websocket).length > 0) draft.websocket = websocket;
  return draft;
}

/** Told apart from what is no URL at all; which of them can be dialled is the leaf's business. */
function readUrls(node: ConfigNode): string[] {
  const urls = [...new Set(readStrings(node).map((url) => url.trim()))];
  for (const url of urls) {
    // Not quoted: a URL may hold a password.
    if (!URL.canParse(url)) throw problem(node.at, 'error parsing leafnode url');
  }
  return urls;
}

function readSeed(node: ConfigNode): string {
  const seed = readString(node);
  if (isUserSeed(seed)) return seed;
  // Not quoted: what nearly is a seed is nearly a secret.
  throw problem(node.at, 'Remote leafnode nkey is not a valid seed of a user');
}

/** `$NAME`, `${NAME}` and a leading `~` stand for what they do in a shell. */
function expandPath(path: string): string {
  const expanded = path.replaceAll(/\$\{(\w+)\}|\$(\w+)/g, (_, braced, bare) => {
    return process.env[String(braced ?? bare)] ?? '';
  });
  return expanded.startsWith('~') ? join(homedir(), expanded.slice(1)) : expanded;
}
