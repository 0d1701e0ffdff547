/** CONNECT of the leaf protocol. */
import * as z from 'zod/mini';
import type { Credentials } from '../auth/types.ts';
import { jsonOf } from './leaf-info.ts';

const LONGEST_NAME = 1_024;

const name = z.nullish(z.string().check(z.maxLength(LONGEST_NAME)));
/** Bounded by the line. */
const text = z.nullish(z.string());
const flag = z.nullish(z.boolean());

const connectSchema = z.looseObject({
  version: name,
  lang: name,
  nkey: text,
  jwt: text,
  sig: text,
  user: text,
  pass: text,
  auth_token: text,
  account: text,
  new_account: flag,
  server_id: name,
  name,
  cluster: name,
  domain: name,
  gateway: name,
  is_hub: flag,
  headers: flag,
  deny_pub: z.nullish(z.array(z.string())),
  compress_mode: name,
  remote_account: name,
});

/** What a leaf node says when it connects. */
export interface LeafConnect {
  readonly credentials: Credentials;
  /** Of the leaf node's server, `major.minor.update`. */
  readonly version: string;
  /** Only clients say it. */
  readonly lang: string;
  /** An account was asked for: not allowed any more. */
  readonly accountWanted: boolean;
  readonly name: string;
  /** Empty: it knows no compression. */
  readonly compressMode: string;
  readonly cluster: string;
  readonly domain: string;
  readonly gateway: string;
  /** The other side wants to be the hub. */
  readonly isHub: boolean;
  readonly headers: boolean;
  /** What it does not want to get. */
  readonly denyPublish: readonly string[];
  /** Its account. */
  readonly remoteAccount: string;
}

/** Undefined when these bytes are no CONNECT. */
export function parseLeafConnect(argument: Buffer): LeafConnect | undefined {
  const parsed = connectSchema.safeParse(jsonOf(argument) ?? undefined);
  if (!parsed.success) return undefined;
  const given = parsed.data;
  return {
    credentials: {
      ...(given.user && { user: given.user }),
      ...(given.pass && { pass: given.pass }),
      ...(given.auth_token && { token: given.auth_token }),
      ...(given.nkey && { nkey: given.nkey }),
      ...(given.sig && { sig: given.sig }),
      ...(given.jwt && { jwt: given.jwt }),
    },
    version: given.version ?? '',
    lang: given.lang ?? '',
    accountWanted: Boolean(given.account) || given.new_account === true,
    name: given.name ?? '',
    compressMode: given.compress_mode ?? '',
    cluster: given.cluster ?? '',
    domain: given.domain ?? '',
    gateway: given.gateway ?? '',
    isHub: given.is_hub ?? false,
    headers: given.headers ?? false,
    denyPublish: given.deny_pub ?? [],
    remoteAccount: given.remote_account ?? '',
  };
}

export interface LeafConnectFields extends Credentials {
  readonly auth_token?: string;
  readonly version: string;
  readonly server_id: string;
  readonly name: string;
  readonly is_hub?: true | undefined;
  readonly cluster?: string | undefined;
  readonly headers: boolean;
  readonly deny_pub?: readonly string[] | undefined;
  readonly compress_mode?: 'off' | undefined;
  readonly remote_account: string;
}

export function leafConnectLine(fields: LeafConnectFields): string {
  return `CONNECT ${Buffer.from(JSON.stringify(fields), 'utf8').toString('latin1')}\r\n`;
}

/** Whether a version is `least` or later. Anything that is no version is not. */
export function isVersionAtLeast(version: string, least: string): boolean {
  const have = partsOf(version);
  const need = partsOf(least);
  if (have === undefined || need === undefined) return false;
  for (let i = 0; i < 3; i++) {
    const difference = (have[i] ?? 0) - (need[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function partsOf(version: string): number[] | undefined {
  const match = /^v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})/.exec(version);
  return match?.slice(1).map(Number);
}
