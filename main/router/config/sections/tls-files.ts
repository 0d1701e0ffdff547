import { readFileSync } from 'node:fs';
import { messageOf } from '../../../base/errors.ts';
import { hasAuthorities } from '../../listen/authorities.ts';
import { checkedCertificate } from '../../listen/key-pair.ts';
import type { TlsOptions } from '../../options.ts';

/**
 * Reads the files of a TLS section once, to see that they are certificates and keys that belong together.
 * @throws Error with a sentence
 */
export function checkTlsFiles(tls: Partial<TlsOptions>): void {
  if (tls.certFile !== undefined && tls.keyFile === undefined) {
    throw new Error("missing 'key_file' in TLS configuration");
  }
  if (tls.certFile === undefined && tls.keyFile !== undefined) {
    throw new Error("missing 'cert_file' in TLS configuration");
  }
  try {
    for (const { certFile, keyFile } of [tls, ...(tls.certificates ?? [])]) {
      if (certFile === undefined || keyFile === undefined) continue;
      checkedCertificate(readFileSync(certFile), readFileSync(keyFile));
    }
  } catch (error) {
    throw new Error(`error parsing X509 certificate/key pair: ${messageOf(error)}`, {
      cause: error,
    });
  }
  if (tls.caFile === undefined) return;
  try {
    if (!hasAuthorities(readFileSync(tls.caFile, 'latin1'))) {
      throw new Error('there is no certificate in it');
    }
  } catch (error) {
    throw new Error(`failed to parse root ca certificate: ${messageOf(error)}`, { cause: error });
  }
}
