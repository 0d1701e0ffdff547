import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { webcrypto } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAuthenticator } from '../../../main/router/auth/authenticator.ts';
import { parseDistinguishedName } from '../../../main/router/auth/distinguished-name.ts';
import type { TlsIdentity } from '../../../main/router/auth/types.ts';
import { silentLog } from '../../../main/router/log.ts';
import { startNatsServer } from '../../support/nats-server.ts';
import { login } from './login.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const VALID = {
  notBefore: new Date(Date.now() - 60_000),
  notAfter: new Date(Date.now() + 3_600_000),
};

let folder = '';
let authority: { privateKey: webcrypto.CryptoKey; certificate: x509.X509Certificate };
let server: { cert: string; key: string };

/** A client's certificate: subject as RFC 2253 text, last name first, and alternative names. */
async function issue(
  subject: string,
  names: x509.JsonGeneralNames = [],
): Promise<{ cert: string; key: string }> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: '02',
    subject: nameOf(subject),
    issuer: authority.certificate.subject,
    ...VALID,
    publicKey: keys.publicKey,
    signingKey: authority.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : [],
  });
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString(
    'base64',
  );
  return {
    cert: certificate.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n`,
  };
}

/** Certificates have the most significant part first. */
function nameOf(subject: string): x509.JsonName {
  return (parseDistinguishedName(subject) ?? []).toReversed().map((relative) => {
    const attributes: Record<string, string[]> = {};
    for (const { type, value } of relative) (attributes[type] ??= []).push(value);
    return attributes;
  });
}

beforeAll(async () => {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=authority',
    ...VALID,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
  });
  authority = { privateKey: keys.privateKey, certificate };
  server = await issue('CN=server', [{ type: 'ip', value: '127.0.0.1' }]);
  folder = await mkdtemp(join(tmpdir(), 'skerry-certificates-'));
  await writeFile(join(folder, 'ca.pem'), certificate.toString('pem'));
  await writeFile(join(folder, 'cert.pem'), server.cert);
  await writeFile(join(folder, 'key.pem'), server.key);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const USERS = [
  { user: 'joe@example.org', account: 'MAIL' },
  { user: 'app.example.org', account: 'DNS' },
  { user: 'spiffe://example.org/app', account: 'URI' },
  { user: 'CN=exact,OU=a,O=b', account: 'EXACT' },
  { user: 'O=b, OU=z ,cn=reordered', account: 'REORDERED' },
  { user: 'CN=multi+OU=m,O=b', account: 'MULTI' },
  { user: 'CN=dom,DC=example,DC=org', account: 'DOMAIN' },
  { user: 'CN=go,OU=one+OU=two,O=b', account: 'GO' },
  { user: 'CN=esc\\, aped,O=b', account: 'ESCAPED' },
  { user: 'CN=pass,O=b', account: 'PASSWORD', password: 'x' },
  { user: 'CN=types,O=b', account: 'TYPES', allowedConnectionTypes: ['WEBSOCKET'] as const },
];

interface Case {
  readonly subject: string;
  readonly emails?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly uris?: readonly string[];
}

const CASES: readonly Case[] = [
  { subject: 'CN=any', emails: ['joe@example.org'] },
  { subject: 'CN=exact,OU=a,O=b', emails: ['who@example.org'] },
  {
    subject: 'CN=any',
    emails: ['who@example.org', 'joe@example.org'],
    dnsNames: ['app.example.org'],
  },
  { subject: 'CN=any', dnsNames: ['app.example.org'] },
  { subject: 'CN=any', dnsNames: ['other.example.org'], uris: ['spiffe://example.org/app'] },
  { subject: 'CN=exact,OU=a,O=b', uris: ['spiffe://example.org/app'] },
  { subject: 'CN=exact,OU=a,O=b' },
  { subject: 'O=b,OU=a,CN=exact' },
  { subject: 'CN=reordered,OU=z,O=b' },
  { subject: 'CN=reordered,OU=z' },
  { subject: 'OU=m+CN=multi,O=b' },
  { subject: 'CN=multi,OU=m,O=b' },
  { subject: 'CN=dom,DC=example,DC=org' },
  { subject: 'CN=dom,DC=org,DC=example' },
  { subject: 'CN=go,OU=two,OU=one,O=b' },
  { subject: 'CN=go,OU=one,OU=two,O=b' },
  { subject: 'CN=esc\\, aped,O=b' },
  { subject: 'CN=pass,O=b' },
  { subject: 'CN=types,O=b' },
  { subject: 'CN=unknown,O=b' },
  { subject: 'cn=EXACT,OU=a,O=b' },
];

test('certificates - name the same users as at nats-server', async () => {
  const accounts = USERS.map(({ account, ...user }) => ({ name: account, users: [user] }));
  const config = accounts.map(({ name, users: [one] }) => {
    const { allowedConnectionTypes, ...user } = one as (typeof USERS)[number];
    const types = allowedConnectionTypes
      ? `, allowed_connection_types: ${JSON.stringify(allowedConnectionTypes)}`
      : '';
    const password = user.password === undefined ? '' : `, password: ${user.password}`;
    return `${name} { users = [ { user: ${JSON.stringify(user.user)}${password}${types} } ] }`;
  });
  const file = (name: string): string => join(folder, name);
  await using real = await startNatsServer(
    `tls { cert_file: "${file('cert.pem')}", key_file: "${file('key.pem')}", ca_file: "${file('ca.pem')}", verify_and_map: true }
     accounts { ${config.join('\n')} }`,
  );
  const authenticator = createAuthenticator(
    {
      tls: { certFile: '', keyFile: '', verifyAndMap: true },
      accounts,
    },
    { log: silentLog, version: '2.10.27' },
  );
  const theirs: string[] = [];
  const ours: string[] = [];
  for (const { subject, emails = [], dnsNames = [], uris = [] } of CASES) {
    const client = await issue(subject, [
      ...emails.map((value) => ({ type: 'email' as const, value })),
      ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
      ...uris.map((value) => ({ type: 'url' as const, value })),
    ]);
    const identity: TlsIdentity = { emails, dnsNames, uris, distinguishedName: subject };
    for (const pass of ['', 'x']) {
      const { verdict } = await login(
        real.port,
        () => ({ connect: { verbose: false, ...(pass && { pass }) } }),
        client,
      );
      const own = await authenticator.authenticate(pass ? { pass } : {}, {
        type: 'STANDARD',
        host: '127.0.0.1',
        certificate: identity,
      });
      const label = `${JSON.stringify(identity)} ${pass}`;
      theirs.push(`${label}: ${verdict}`);
      ours.push(`${label}: ${own.ok ? 'accepted' : own.text}`);
    }
  }
  await authenticator.close();
  expect(ours).toEqual(theirs);
  expect(ours.filter((line) => line.endsWith('accepted')).length).toBeGreaterThan(10);
});
