import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BasicConstraintsExtension, X509CertificateGenerator } from '@peculiar/x509';
import type { ConfigCase } from './cases.ts';

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256' };

/** cert.pem, key.pem and ca.pem (the same certificate) in a folder. */
export async function writeCertificate(folder: string): Promise<void> {
  const keys = await webcrypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=localhost',
      notBefore: new Date(Date.now() - 60_000),
      notAfter: new Date(Date.now() + 3_600_000),
      signingAlgorithm: { ...ECDSA, hash: 'SHA-256' },
      keys,
      extensions: [new BasicConstraintsExtension(true)],
    },
    webcrypto,
  );
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8.toString('base64')}\n-----END PRIVATE KEY-----\n`;
  await writeFile(join(folder, 'cert.pem'), certificate.toString('pem'));
  await writeFile(join(folder, 'ca.pem'), certificate.toString('pem'));
  await writeFile(join(folder, 'key.pem'), key);
}

/**
 * Writes a case's files into a folder of its own and returns the path of its configuration.
 * @param certificates folder that `writeCertificate` filled
 */
export async function layCase(
  { config, files = {} }: ConfigCase,
  folder: string,
  certificates: string,
): Promise<string> {
  const all: Record<string, string> = { ...files, 'server.conf': config };
  for (const [name, text] of Object.entries(all)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    const filled = text
      .replaceAll('"CERT"', JSON.stringify(join(certificates, 'cert.pem')))
      .replaceAll('"KEY"', JSON.stringify(join(certificates, 'key.pem')))
      .replaceAll('"CA"', JSON.stringify(join(certificates, 'ca.pem')))
      .replaceAll('{{dir}}', folder);
    await writeFile(path, filled);
  }
  return join(folder, 'server.conf');
}
