/** A certificate authority of its own for tests, and certificates that it signs; all as files. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BasicConstraintsExtension,
  type JsonGeneralName,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const LOCAL: JsonGeneralName[] = [
  { type: 'ip', value: '127.0.0.1' },
  { type: 'dns', value: 'localhost' },
];

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

export class TestAuthority {
  readonly folder: string;
  readonly caFile: string;
  readonly #certificate: X509Certificate;
  readonly #keys: webcrypto.CryptoKeyPair;
  #issued = 0;

  private constructor(folder: string, certificate: X509Certificate, keys: webcrypto.CryptoKeyPair) {
    this.folder = folder;
    this.caFile = join(folder, 'ca.pem');
    this.#certificate = certificate;
    this.#keys = keys;
  }

  static async create(): Promise<TestAuthority> {
    const folder = await mkdtemp(join(tmpdir(), 'skerry-certs-'));
    const keys = await newKeys();
    const certificate = await X509CertificateGenerator.createSelfSigned(
      {
        name: 'CN=Test CA',
        ...validity(),
        signingAlgorithm: ECDSA,
        keys,
        extensions: [new BasicConstraintsExtension(true, 1, true)],
      },
      webcrypto,
    );
    const authority = new TestAuthority(folder, certificate, keys);
    await writeFile(authority.caFile, `${certificate.toString('pem')}\n`);
    return authority;
  }

  /** @param subject as in `CN=alice,O=Skerry`; @param names default: 127.0.0.1 and localhost */
  async issue(subject = 'CN=localhost', names = LOCAL): Promise<CertificateFiles> {
    const keys = await newKeys();
    const certificate = await X509CertificateGenerator.create(
      {
        subject,
        issuer: this.#certificate.subject,
        ...validity(),
        signingAlgorithm: ECDSA,
        publicKey: keys.publicKey,
        signingKey: this.#keys.privateKey,
        extensions: names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)],
      },
      webcrypto,
    );
    const stem = join(this.folder, String(++this.#issued));
    const files = { certFile: `${stem}.pem`, keyFile: `${stem}.key` };
    await writeFile(files.certFile, `${certificate.toString('pem')}\n`);
    await writeFile(files.keyFile, await pem(keys.privateKey));
    return files;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);
}

function validity(): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - 60_000), notAfter: new Date(now + 3_600_000) };
}

async function pem(key: webcrypto.CryptoKey): Promise<string> {
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`;
}
