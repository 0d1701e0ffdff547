/** What the configuration needs of a JWT. Nothing here is trust: jwt/ verifies. */

/** Characters; an operator's or account's JWT has some thousands. */
const MAX_JWT = 1024 * 1024;
const BARE = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const DECORATED = /-----BEGIN [^-]+ JWT-----\s+([\w-]+\.[\w-]+\.[\w-]+)\s+-{3,}END/;

interface TokenClaims {
  readonly systemAccount?: string;
  readonly accountServerUrl?: string;
}

/** The JWT in a text: bare, or between the dashed lines that nsc writes. */
export function jwtIn(text: string): string | undefined {
  if (text.length > MAX_JWT) return undefined;
  const bare = text.trim();
  return BARE.test(bare) ? bare : DECORATED.exec(text)?.[1];
}

/** Some claims of a JWT of this type, or undefined when it is none. */
export function claimsOf(jwt: string, type: 'operator' | 'account'): TokenClaims | undefined {
  try {
    const payload: unknown = JSON.parse(
      Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString(),
    );
    const nats = field(payload, 'nats');
    // Version 1 has the type beside the claims.
    if ((field(nats, 'type') ?? field(payload, 'type')) !== type) return undefined;
    const systemAccount = field(nats, 'system_account');
    const accountServerUrl = field(nats, 'account_server_url');
    return {
      ...(isText(systemAccount) ? { systemAccount } : {}),
      ...(isText(accountServerUrl) ? { accountServerUrl } : {}),
    };
  } catch {
    // Not JSON: not a JWT.
    return undefined;
  }
}

function field(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null
    ? (of as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
