import 'reflect-metadata';
import { createPublicKey, randomBytes, webcrypto, type KeyObject } from 'node:crypto';
import { SubjectKeyIdentifierExtension, X509CertificateGenerator } from '@peculiar/x509';
import type { PeerKey, TlsCredential } from './types.ts';

const ED25519 = { name: 'Ed25519' };
/** Fixed and far apart: a wrong clock must not break TLS; trust comes from the key alone. */
const NOT_BEFORE = new Date('2000-01-01T00:00:00Z');
const NOT_AFTER = new Date('9999-12-31T23:59:59Z');

/**
 * The self-signed certificate of a peer: Ed25519 (RFC 8410), subject CN = the peer key, a random serial.
 * Signed with no domain of ours: a TBSCertificate starts with 0x30, no domain does.
 */
export async function selfSignedCredential(
  key: PeerKey,
  privateKey: KeyObject,
): Promise<TlsCredential> {
  const { subtle } = webcrypto;
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  const keys = {
    privateKey: await subtle.importKey('pkcs8', pkcs8, ED25519, false, ['sign']),
    publicKey: await subtle.importKey('spki', spki, ED25519, true, ['verify']),
  };
  pkcs8.fill(0);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      // Positive and without a leading zero byte, as DER wants it.
      serialNumber: `4${randomBytes(16).toString('hex').slice(1)}`,
      name: `CN=${key}`,
      notBefore: NOT_BEFORE,
      notAfter: NOT_AFTER,
      signingAlgorithm: ED25519,
      keys,
      // Not needed by anyone, but a list of extensions must not be empty (RFC 5280, section 4.1).
      extensions: [await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto)],
    },
    webcrypto,
  );
  return new Credential(
    certificate.toString('pem'),
    privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  );
}

/** A class, because what stands behind a private field is not printed with the object that holds it. */
class Credential implements TlsCredential {
  readonly certPem: string;
  readonly #keyPem: string;

  constructor(certPem: string, keyPem: string) {
    this.certPem = certPem;
    this.#keyPem = keyPem;
  }

  get keyPem(): string {
    return this.#keyPem;
  }
}
