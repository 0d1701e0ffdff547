import type { TlsIdentity } from '../auth/types.ts';
import { children, type Der, derTags, oidText, readDer, stringOf } from './der.ts';

const SUBJECT_ALT_NAME = '2.5.29.17';
/** Tags of GeneralName (RFC 5280, section 4.2.1.6). */
const EMAIL = 0x81;
const DNS = 0x82;
const URI = 0x86;
const EXTENSIONS = 0xa3;
const VERSION = 0xa0;

/** RFC 4514's short names and those that nats-server knows beside them. */
const ATTRIBUTES = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.5', 'SERIALNUMBER'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.9', 'STREET'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.17', 'POSTALCODE'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
]);

/** The names in a certificate (DER) that was checked; what cannot be read is left out. */
export function tlsIdentityOf(certificate: Uint8Array): TlsIdentity {
  const [body] = children(readDer(certificate)?.[0]);
  const fields = children(body);
  // version [0], serial number, signature, issuer, validity, subject
  const first = fields[0]?.tag === VERSION ? 1 : 0;
  const subject = fields[first + 4];
  const names = alternativeNames(fields.find(({ tag }) => tag === EXTENSIONS));
  const of = (tag: number): string[] => names.filter((name) => name.tag === tag).map(stringOf);
  return {
    emails: of(EMAIL),
    dnsNames: of(DNS),
    uris: of(URI),
    distinguishedName: distinguishedName(subject),
  };
}

function alternativeNames(extensions: Der | undefined): Der[] {
  for (const extension of children(children(extensions)[0])) {
    const [oid, ...rest] = children(extension);
    const value = rest.find(({ tag }) => tag !== derTags.boolean);
    if (oidText(oid) !== SUBJECT_ALT_NAME || value === undefined) continue;
    return children(readDer(value.content)?.[0]);
  }
  return [];
}

/** RFC 4514: the last relative name first; unknown attributes by their OID. */
function distinguishedName(subject: Der | undefined): string {
  return children(subject)
    .map((relative) => children(relative).map(attribute).toReversed().join('+'))
    .toReversed()
    .join(',');
}

function attribute(pair: Der): string {
  const [type, value] = children(pair);
  const oid = oidText(type);
  return `${ATTRIBUTES.get(oid) ?? oid}=${value === undefined ? '' : escape(stringOf(value))}`;
}

/** RFC 4514, section 2.4. */
function escape(value: string): string {
  return value
    .replace(/[,+"\\<>;=]/g, (char) => `\\${char}`)
    .replaceAll('\0', '\\00')
    .replace(/^[ #]/, (char) => `\\${char}`)
    .replace(/ $/, '\\ ');
}
