import { readFileSync } from 'node:fs';
import { messageOf } from '../../../base/errors.ts';
import type { Report } from '../problems.ts';
import { problem, readMap, readString, readStrings } from '../read.ts';
import type { Settings } from '../settings.ts';
import type { ConfigNode } from '../tree.ts';
import { readKey } from './keys.ts';
import { claimsOf, jwtIn } from './token.ts';

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
  if (claims.systemAccount !== undefined) settings.systemAccount ??= claims.systemAccount;
  if (claims.accountServerUrl !== undefined) {
    settings.operator.resolver ??= { kind: 'url', url: `${claims.accountServerUrl}/accounts` };
  }
}

function readOperator(node: ConfigNode, text: string) {
  let content = text;
  try {
    content = readFileSync(text, 'utf8');
  } catch (error) {
    // Not a file: perhaps the JWT itself.
    if (!text.startsWith('eyJ')) {
      throw problem(node.at, `error parsing operator JWT: ${messageOf(error)}`);
    }
  }
  const jwt = jwtIn(content);
  const claims = jwt === undefined ? undefined : claimsOf(jwt, 'operator');
  if (jwt !== undefined && claims !== undefined) return { jwt, claims };
  throw problem(node.at, 'error parsing operator JWT: it is not the JWT of an operator');
}

/** `resolver_preload { <account key>: <account JWT> }` */
export function readPreload(node: ConfigNode, settings: Settings, report: Report): void {
  const preload: Record<string, string> = {};
  const entries = readMap(node, 'a map of account keys and account JWTs');
  for (const [key, entry] of entries) {
    report.attempt(() => {
      const jwt = jwtIn(readString(entry));
      if (jwt === undefined || claimsOf(jwt, 'account') === undefined) {
        throw problem(entry.at, 'invalid account JWT');
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
