/** `TlsOptions` as Node's TLS wants them. */
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type {
  ConnectionOptions,
  SecureContext,
  SecureContextOptions,
  TlsOptions as ServerOptions,
} from 'node:tls';
import { builtin } from '../../base/builtins.ts';
import { messageOf } from '../../base/errors.ts';
import { RouterError } from '../errors.ts';
import type { TlsOptions } from '../options.ts';
import { hasAuthorities } from './authorities.ts';
import { checkedCertificate } from './key-pair.ts';

/** Go leaves these on whatever cipher suites are named for TLS 1.2. */
const TLS13_CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
];

interface KeyFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/**
 * What `tls.createServer` gets. Files are read and looked at now, without loading TLS.
 *
 * @throws RouterError 'router-config' naming what cannot be used
 */
export function tlsServerOptions(options: TlsOptions): ServerOptions {
  const asks = options.verify === true || options.verifyAndMap === true;
  // OpenSSL completes the chain it sends from the authorities it knows; only what is in the file shall be sent.
  // Nor are those of the system needed, which take longer to load than all the rest.
  const settings = asks ? common(options) : { ...common(withoutAuthorities(options)), ca: [] };
  const first = keyPair(options);
  const certificate = certificateOf(first);
  const secure: SecureContextOptions = { ...first, ...settings };
  if (options.ciphers !== undefined || options.curves !== undefined) contextOf(secure);
  let own: SecureContext | undefined;
  const others = (options.certificates ?? []).map((files) => {
    const pair = keyPair(files);
    let context: SecureContext | undefined;
    return {
      leaf: certificateOf(pair),
      context: () => (context ??= contextOf({ ...pair, ...settings })),
    };
  });
  return {
    ...secure,
    requestCert: asks,
    rejectUnauthorized: asks,
    ...(others.length > 0 && {
      SNICallback(name: string, answer: (error: Error | null, context?: SecureContext) => void) {
        const fits = certificate.checkHost(name) !== undefined;
        const other = fits
          ? undefined
          : others.find(({ leaf }) => leaf.checkHost(name) !== undefined);
        answer(null, other?.context() ?? (own ??= contextOf(secure)));
      },
    }),
  };
}

/**
 * What `tls.connect` gets when this side dials.
 *
 * @param host the name or address that was dialled
 * @throws RouterError 'router-config'
 */
export function tlsClientOptions(options: Partial<TlsOptions>, host: string): ConnectionOptions {
  const { certFile, keyFile } = options;
  const hasKey = certFile !== undefined && keyFile !== undefined;
  const secure: SecureContextOptions = {
    ...(hasKey && keyPair({ certFile, keyFile })),
    ...common(options),
  };
  contextOf(secure);
  return {
    ...secure,
    ...(isIP(host) === 0 && { servername: host }),
    rejectUnauthorized: options.insecure !== true,
  };
}

/** Whether a certificate (DER) is among those that are pinned: SHA-256 of its public key (SPKI). */
export function isPinned(certificate: Uint8Array | undefined, pins: readonly string[]): boolean {
  if (certificate === undefined) return false;
  const key = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' });
  return pins.includes(createHash('sha256').update(key).digest('hex'));
}

function common(options: Partial<TlsOptions>): SecureContextOptions {
  const { caFile, ciphers, curves, minVersion } = options;
  const has13 = ciphers?.some((name) => name.startsWith('TLS_')) ?? false;
  return {
    minVersion: minVersion ?? 'TLSv1.2',
    honorCipherOrder: true,
    ...(caFile !== undefined && { ca: readFile(caFile) }),
    ...(ciphers !== undefined && {
      ciphers: [...(has13 ? [] : TLS13_CIPHERS), ...ciphers].join(':'),
    }),
    ...(curves !== undefined && { ecdhCurve: curves.join(':') }),
  };
}

/** @throws RouterError 'router-config' when there are none in their file */
function withoutAuthorities({ caFile, ...rest }: TlsOptions): TlsOptions {
  if (caFile !== undefined && !hasAuthorities(readFile(caFile).toString('latin1'))) {
    throw new RouterError('router-config', `There is no certificate in ${caFile}.`);
  }
  return rest;
}

function keyPair({ certFile, keyFile }: KeyFiles): { cert: Buffer; key: Buffer } {
  return { cert: readFile(certFile), key: readFile(keyFile) };
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new RouterError('router-config', `${path} cannot be read: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}

function certificateOf({ cert, key }: { cert: Buffer; key: Buffer }): X509Certificate {
  try {
    return checkedCertificate(cert, key);
  } catch (error) {
    throw misfit(error);
  }
}

function contextOf(options: SecureContextOptions): SecureContext {
  try {
    return builtin('node:tls').createSecureContext(options);
  } catch (error) {
    throw misfit(error);
  }
}

function misfit(cause: unknown): RouterError {
  return new RouterError('router-config', `The TLS files do not fit: ${messageOf(cause)}.`, {
    cause,
  });
}
