/** What leaf nodes say of themselves: INFO from the hub's side, before and after CONNECT. */
import * as z from 'zod/mini';
import type { SubjectPermissionOptions } from '../options.ts';

/** Addresses that are remembered of another cluster. */
const MAX_URLS = 64;
const LONGEST_NAME = 1_024;

const word = z.string().check(z.maxLength(LONGEST_NAME));
const name = z.nullish(word);
const flag = z.nullish(z.boolean());
const subjects = z.nullish(z.array(z.string()));
const permission = z.nullish(z.looseObject({ allow: subjects, deny: subjects }));
const urls = z.nullish(z.array(word));

const infoSchema = z.looseObject({
  server_id: name,
  server_name: name,
  version: name,
  headers: flag,
  tls_required: flag,
  client_id: z.nullish(z.number()),
  nonce: name,
  cluster: name,
  domain: name,
  compression: name,
  info_on_connect: flag,
  connect_info: flag,
  leafnode_urls: urls,
  ws_connect_urls: urls,
  remote_account: name,
  import: permission,
  export: permission,
});

/** INFO as the soliciting side reads it. */
export interface LeafInfo {
  readonly serverName: string;
  readonly headers: boolean;
  readonly tlsRequired: boolean;
  readonly clientId: number;
  readonly nonce: string;
  readonly cluster: string;
  readonly domain: string;
  readonly compression: string;
  /** CONNECT is answered with one more INFO. */
  readonly infoOnConnect: boolean;
  /** This is that one. */
  readonly connectInfo: boolean;
  /** `host:port` of leaf listeners and WebSocket listeners of the same cluster; undefined when it does not say. */
  readonly leafUrls: readonly string[] | undefined;
  readonly websocketUrls: readonly string[];
  readonly remoteAccount: string;
  /** What this side may subscribe to there. */
  readonly importable: SubjectPermissionOptions | undefined;
  /** What this side may publish there. */
  readonly exportable: SubjectPermissionOptions | undefined;
}

/** Undefined when these bytes are no INFO. */
export function parseLeafInfo(argument: Buffer): LeafInfo | undefined {
  const parsed = infoSchema.safeParse(jsonOf(argument));
  if (!parsed.success) return undefined;
  const info = parsed.data;
  return {
    serverName: info.server_name || info.server_id || '',
    headers: info.headers ?? false,
    tlsRequired: info.tls_required ?? false,
    clientId: info.client_id ?? 0,
    nonce: info.nonce ?? '',
    cluster: info.cluster ?? '',
    domain: info.domain ?? '',
    compression: info.compression ?? '',
    infoOnConnect: info.info_on_connect ?? false,
    connectInfo: info.connect_info ?? false,
    leafUrls: info.leafnode_urls?.slice(0, MAX_URLS),
    websocketUrls: info.ws_connect_urls?.slice(0, MAX_URLS) ?? [],
    remoteAccount: info.remote_account ?? '',
    importable: permissionOf(info.import),
    exportable: permissionOf(info.export),
  };
}

/** JSON of bytes; undefined for what is none. */
export function jsonOf(argument: Buffer): unknown {
  try {
    return JSON.parse(argument.toString('utf8'));
  } catch {
    // The caller closes the connection.
    return undefined;
  }
}

function permissionOf(found: z.infer<typeof permission>): SubjectPermissionOptions | undefined {
  if (found === undefined || found === null) return undefined;
  return { ...(found.allow && { allow: found.allow }), ...(found.deny && { deny: found.deny }) };
}

/** INFO as the accepting side writes it; fields that do not apply are undefined. */
export interface LeafInfoFields {
  readonly server_id: string;
  readonly server_name: string;
  readonly version: string;
  readonly proto: 1;
  readonly go: string;
  readonly host: string;
  readonly port: number;
  readonly headers: boolean;
  readonly auth_required: true;
  readonly tls_required?: true | undefined;
  readonly tls_verify?: true | undefined;
  readonly max_payload: number;
  readonly ip: string;
  readonly client_id: number;
  readonly nonce?: string;
  readonly cluster?: string | undefined;
  readonly info_on_connect: true;
  readonly connect_info?: true;
  readonly leafnode_urls: readonly string[];
  readonly ws_connect_urls?: readonly string[] | undefined;
  readonly compression?: 'off' | undefined;
  readonly import?: SubjectPermissionOptions | undefined;
  readonly export?: SubjectPermissionOptions | undefined;
  readonly remote_account?: string;
}

export function leafInfoLine(fields: LeafInfoFields): string {
  // Wire strings hold one character per byte.
  return `INFO ${Buffer.from(JSON.stringify(fields), 'utf8').toString('latin1')} \r\n`;
}
