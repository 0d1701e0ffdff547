import { messageOf } from '../../../base/errors.ts';
import type { TlsOptions } from '../../options.ts';
import { parseDuration } from '../duration.ts';
import type { Report } from '../problems.ts';
import {
  problem,
  readArray,
  readBoolean,
  readFields,
  readInteger,
  readMap,
  readString,
  readTimeout,
  type Draft,
} from '../read.ts';
import { kindOf, type ConfigNode } from '../tree.ts';
import { cipherName, curveName } from './ciphers.ts';
import { checkTlsFiles } from './tls-files.ts';

/** How long `handshake_first: auto` waits for the client to begin before INFO is sent, ms. */
const AUTO_FALLBACK_MS = 50;
const MIN_VERSIONS = new Map<string, 'TLSv1.2' | 'TLSv1.3'>([
  ['1.2', 'TLSv1.2'],
  ['1.3', 'TLSv1.3'],
]);
const CERTIFICATE_STORE = [
  'cert_store',
  'cert_match_by',
  'cert_match',
  'ca_certs_match',
  'cert_match_skip_invalid',
];

/**
 * `tls { … }`. The files are read once to see that they are what they should be; paths are relative to the
 * working folder, as in nats-server.
 */
export function readTls(node: ConfigNode, report: Report): TlsOptions | undefined {
  const draft = readDraft(node, report);
  const { certFile, keyFile } = draft;
  if (certFile === undefined || keyFile === undefined) {
    if (report.problems.length > 0) return undefined;
    throw problem(node.at, 'missing "cert_file" and "key_file" in TLS configuration');
  }
  return { ...draft, certFile, keyFile };
}

/** The same for a side that dials, which needs no certificate of its own. */
export function readClientTls(node: ConfigNode, report: Report): Partial<TlsOptions> {
  return readDraft(node, report);
}

function readDraft(node: ConfigNode, report: Report): Draft<Partial<TlsOptions>> {
  const draft: Draft<Partial<TlsOptions>> = {};
  const before = report.problems.length;
  readFields(
    readMap(node),
    {
      cert_file: (field) => (draft.certFile = readString(field)),
      key_file: (field) => (draft.keyFile = readString(field)),
      ca_file: (field) => (draft.caFile = readString(field)),
      insecure: (field) => (draft.insecure = readBoolean(field)),
      verify: (field) => {
        draft.verify = readBoolean(field) || draft.verifyAndMap === true;
      },
      verify_and_map: (field) => {
        draft.verifyAndMap = readBoolean(field);
        if (draft.verifyAndMap) draft.verify = true;
      },
      verify_cert_and_check_known_urls: (field) => {
        if (!readBoolean(field)) return;
        throw problem(field.at, `${field.key ?? ''} not supported in this context`);
      },
      cipher_suites: (field) => (draft.ciphers = readNames(field, 'cipher', cipherName)),
      curve_preferences: (field) =>
        (draft.curves = readNames(field, 'curve preference', curveName)),
      timeout: (field) => (draft.timeout = readTimeout(field)),
      connection_rate_limit: (field) => (draft.connectionRateLimit = readInteger(field)),
      pinned_certs: (field) => (draft.pinnedCerts = readPins(field)),
      'handshake_first|first|immediate': (field) => readHandshakeFirst(field, draft),
      min_version: (field) => (draft.minVersion = readMinVersion(field)),
      'certs|certificates': (field) => readCertificates(field, draft, report),
      ocsp_peer: (field) => {
        if (field.value.kind === 'boolean' && !field.value.value) return;
        throw problem(field.at, 'checking clients by OCSP is not supported by this router');
      },
      [CERTIFICATE_STORE.join('|')]: (field) => {
        throw problem(
          field.at,
          'certificate stores are not supported: name cert_file and key_file',
        );
      },
    },
    report,
  );
  if (report.problems.length > before) return draft;
  try {
    checkTlsFiles(draft);
  } catch (error) {
    throw problem(node.at, messageOf(error));
  }
  return draft;
}

/** Several certificates: the first is the one of `certFile` and `keyFile`. */
function readCertificates(
  node: ConfigNode,
  draft: Draft<Partial<TlsOptions>>,
  report: Report,
): void {
  const pairs = readArray(node).map((item) => {
    const pair = { certFile: '', keyFile: '' };
    readFields(
      readMap(item),
      {
        cert_file: (field) => (pair.certFile = readString(field)),
        key_file: (field) => (pair.keyFile = readString(field)),
      },
      report,
    );
    if (pair.certFile !== '' && pair.keyFile !== '') return pair;
    throw problem(item.at, "both 'cert_file' and 'key_file' are required");
  });
  const [first, ...others] = pairs;
  if (first === undefined) return;
  if (draft.certFile !== undefined) {
    throw problem(node.at, "cannot combine 'cert_file' option with 'certs' option");
  }
  Object.assign(draft, first);
  if (others.length > 0) draft.certificates = others;
}

function readNames(
  node: ConfigNode,
  what: string,
  known: (name: string) => string | undefined,
): string[] {
  const items = readArray(node);
  if (items.length === 0) throw problem(node.at, `'${node.key ?? ''}' cannot be empty`);
  return items.map((item) => {
    const name = readString(item);
    const found = known(name);
    if (found === undefined) throw problem(item.at, `unrecognized ${what} ${name}`);
    return found;
  });
}

function readPins(node: ConfigNode): string[] {
  return readArray(node).map((item) => {
    const pin = readString(item).toLowerCase();
    if (/^[a-f0-9]{64}$/.test(pin)) return pin;
    throw problem(item.at, `"${pin}" is no SHA-256 of a public key, in 64 hexadecimal digits`);
  });
}

function readMinVersion(node: ConfigNode): 'TLSv1.2' | 'TLSv1.3' {
  const text = readString(node);
  const version = MIN_VERSIONS.get(text);
  if (version !== undefined) return version;
  throw problem(node.at, `unsupported TLS version: ${text} (there are "1.2" and "1.3")`);
}

/** `true`, `false`, `auto`, or how long to wait for the client to begin. */
function readHandshakeFirst(node: ConfigNode, draft: Draft<Partial<TlsOptions>>): void {
  const { value } = node;
  if (value.kind === 'boolean') {
    draft.handshakeFirst = value.value;
    return;
  }
  if (value.kind !== 'string') {
    throw problem(node.at, `expected true, false, "auto" or a duration, got ${kindOf(value)}`);
  }
  const word = value.value.toLowerCase();
  if (['false', 'off'].includes(word)) {
    draft.handshakeFirst = false;
    return;
  }
  draft.handshakeFirst = true;
  if (['true', 'on'].includes(word)) return;
  const fallback = ['auto', 'auto_fallback'].includes(word)
    ? AUTO_FALLBACK_MS
    : parseDuration(word);
  if (fallback === undefined) {
    throw problem(node.at, `"${value.value}" is invalid for "${node.key ?? ''}"`);
  }
  draft.handshakeFirstFallback = fallback;
}
