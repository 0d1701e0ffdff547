import { randomBytes } from 'node:crypto';

/** The INFO line: what a server says of itself. Fields that do not apply are left out (undefined). */
export interface ServerInfo {
  readonly server_id: string;
  readonly server_name: string;
  readonly version: string;
  readonly proto: 1;
  readonly git_commit?: string | undefined;
  /** Clients take it for the language of the server; they show it at most. */
  readonly go: string;
  readonly host: string;
  readonly port: number;
  readonly headers: boolean;
  readonly max_payload: number;
  readonly client_id?: number | undefined;
  readonly client_ip?: string | undefined;
  readonly auth_required?: true | undefined;
  readonly tls_required?: true | undefined;
  readonly tls_verify?: true | undefined;
  readonly tls_available?: true | undefined;
  readonly nonce?: string | undefined;
  readonly connect_urls?: readonly string[] | undefined;
  readonly ws_connect_urls?: readonly string[] | undefined;
  readonly ldm?: true | undefined;
  readonly xkey?: string | undefined;
}

/** What clients with an NKey sign: 11 random bytes in base64url, 15 characters. */
export function createNonce(): string {
  return randomBytes(11).toString('base64url');
}

export function infoLine(info: ServerInfo): string {
  // Wire strings hold one character per byte.
  const json = Buffer.from(JSON.stringify(info), 'utf8').toString('latin1');
  return `INFO ${json} \r\n`;
}
