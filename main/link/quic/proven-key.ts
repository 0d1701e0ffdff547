import { X509Certificate } from 'node:crypto';

/** DER of an Ed25519 SubjectPublicKeyInfo up to the 32 bytes of the key (RFC 8410, section 4). */
const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * The raw Ed25519 key of a certificate that TLS has proven the other side to hold, or undefined when the
 * certificate is missing, broken, or of another kind of key.
 *
 * @param certificate DER, the first of the peer's chain
 */
export function provenKey(certificate: Uint8Array | undefined): Uint8Array | undefined {
  if (certificate === undefined) return undefined;
  try {
    const { publicKey } = new X509Certificate(certificate);
    if (publicKey.asymmetricKeyType !== 'ed25519') return undefined;
    const spki = publicKey.export({ type: 'spki', format: 'der' });
    const rest = spki.subarray(ED25519_SPKI.length);
    const isPlain = spki.subarray(0, ED25519_SPKI.length).equals(ED25519_SPKI);
    return isPlain && rest.length === 32 ? rest : undefined;
  } catch {
    // OpenSSL could not read it: nothing is proven.
    return undefined;
  }
}
