import { readFileSync } from 'node:fs';
import { messageOf } from '../../../base/errors.ts';
import { decodeAccountClaims } from '../../jwt/account-claims.ts';
import { decodeOperatorClaims, type OperatorClaims } from '../../jwt/operator-claims.ts';
import { textIn } from '../../jwt/fields.ts';
import { decodeToken, undecorate } from '../../jwt/token.ts';
import type { Report } from '../problems.ts';
import { problem, readMap, readString, readStrings } from '../read.ts';
import type { Settings } from '../settings.ts';
import type { ConfigNode } from '../tree.ts';
import { readKey } from './keys.ts';

/** `operator: path | JWT | [ … ]`. With a single one its JWT also names system account and resolver. */
export function readOperators(node: ConfigNode, settings: Settings, report: Report): void {
  const operators = readStrings(node).flatMap(
    (text) => report.attempt(() => readOperator(node, text)) ?? [],
  );
  settings.operator.jwts = operators.map(({ jwt }) => jwt);
  const [only] = operators;
  if (operators.length !== 1 || only === undefined) return;
  const { claims } = only;
  // What the file itself names goes before.
  if (claims.systemAccount !== '') settings.systemAccount ??= claims.systemAccount;
  const url = textIn(decodeToken(only.jwt, ['operator']).nats, 'account_server_url');
  if (url !== '') settings.operator.resolver ??= { kind: 'url', url: `${url}/accounts` };
}

function readOperator(
  node: ConfigNode,
  text: string,
): { readonly jwt: string; readonly claims: OperatorClaims } {
  try {
    const jwt = undecorate(contentOf(text));
    return { jwt, claims: decodeOperatorClaims(jwt) };
  } catch (error) {
    throw problem(node.at, `error parsing operator JWT: ${messageOf(error)}`);
  }
}

/** Of the file of that name, or the text itself when it is a JWT. */
function contentOf(text: string): string {
  try {
    return readFileSync(text, 'utf8');
  } catch (error) {
    if (text.startsWith('eyJ')) return text;
    throw error;
  }
}

/** `resolver_preload { <account key>: <account JWT> }` */
export function readPreload(node: ConfigNode, settings: Settings, report: Report): void {
  const preload: Record<string, string> = {};
  const entries = readMap(node, 'a map of account keys and account JWTs');
  for (const [key, entry] of entries) {
    report.attempt(() => {
      const jwt = readString(entry).trim();
      try {
        decodeAccountClaims(jwt);
      } catch (error) {
        throw problem(entry.at, `invalid account JWT: ${messageOf(error)}`);
      }
      preload[key] = jwt;
    });
  }
  settings.operator.preload = preload;
}

/** `trusted_keys: O… | [O…]` */
export function readTrustedKeys(node: ConfigNode, settings: Settings): void {
  const items = node.value.kind === 'array' ? node.value.items : [node];
  settings.operator.trustedKeys = items.map((item) => readKey(item, 'operator'));
}
