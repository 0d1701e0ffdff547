import { X509Certificate } from 'node:crypto';

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Whether a PEM file has a certificate that can be read: as with nats-server, one among others is enough. (A TLS
 * context that is given authorities loads the system's first, 25 ms that only those need who check with them.)
 */
export function hasAuthorities(pem: string): boolean {
  return (pem.match(BLOCK) ?? []).some((block) => {
    try {
      return new X509Certificate(block).raw.length > 0;
    } catch {
      // Not this one.
      return false;
    }
  });
}
