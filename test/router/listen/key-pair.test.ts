import 'reflect-metadata';
import { generateKeyPairSync, webcrypto } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { X509CertificateGenerator } from '@peculiar/x509';
import { describe, expect, it } from 'vitest';
import { checkedCertificate } from '../../../main/router/listen/key-pair.ts';

/** A certificate that signs itself, and its key, as PEM. */
async function selfSigned(modulusLength: number): Promise<{ cert: Buffer; key: Buffer }> {
  const signingAlgorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(
    { ...signingAlgorithm, modulusLength, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ['sign', 'verify'],
  );
  const certificate = await X509CertificateGenerator.createSelfSigned(
    { name: 'CN=localhost', signingAlgorithm, keys },
    webcrypto,
  );
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString(
    'base64',
  );
  return {
    cert: Buffer.from(certificate.toString('pem')),
    key: Buffer.from(`-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n`),
  };
}

describe('certificate and key', () => {
  it('of each other are taken', async () => {
    const { cert, key } = await selfSigned(2_048);
    expect(checkedCertificate(cert, key).subject).toBe('CN=localhost');
  });

  it('of others are not', async () => {
    const { cert } = await selfSigned(2_048);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' }));
    expect(() => checkedCertificate(cert, key)).toThrow('does not match');
  });

  it('that TLS would not take are refused before it is asked', async () => {
    const { cert, key } = await selfSigned(1_024);
    expect(() => createSecureContext({ cert, key })).toThrow('key too small');
    expect(() => checkedCertificate(cert, key)).toThrow('1024 bits is too short');
  });

  it('that are none are named with what is wrong', async () => {
    const { cert, key } = await selfSigned(2_048);
    expect(() => checkedCertificate(key, key)).toThrow('PEM');
    expect(() => checkedCertificate(cert, cert)).toThrow();
  });
});
