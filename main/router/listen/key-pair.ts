import { createPrivateKey, X509Certificate } from 'node:crypto';

/** OpenSSL's security level 2, which Node sets, takes none that are shorter. */
const SHORTEST_RSA = 2_048;

/**
 * The first certificate of a PEM file, which is the one that the key belongs to. (A TLS context tells the same, but
 * TLS is not loaded before it is needed: that takes as long as half a start.)
 *
 * @throws Error with what OpenSSL says, or why the two cannot be used
 */
export function checkedCertificate(cert: Buffer, key: Buffer): X509Certificate {
  const certificate = new X509Certificate(cert);
  const own = createPrivateKey(key);
  if (!certificate.checkPrivateKey(own)) {
    throw new Error('the private key does not match the certificate');
  }
  const { modulusLength = SHORTEST_RSA } = own.asymmetricKeyDetails ?? {};
  if (modulusLength < SHORTEST_RSA) {
    throw new Error(`an RSA key of ${modulusLength} bits is too short for TLS`);
  }
  return certificate;
}
