import { createPrivateKey, X509Certificate } from 'node:crypto';
import { quiche } from '@matrixai/quic/native/index.js';
import { fromPublic } from 'nkeys.js';
import { beforeAll, expect, test } from 'vitest';
import { decodeNKey } from '../../main/base/nkey.ts';
import { signedBytes, verifySignature } from '../../main/base/signature.ts';
import { createIdentity } from '../../main/identity/peer-identity.ts';
import { defaultDisplayName } from '../../main/identity/own-name.ts';
import type { Identity } from '../../main/identity/types.ts';

const secrets = {
  accountSeed: new Uint8Array(32).fill(1),
  userSeed: new Uint8Array(32).fill(2),
  createdAt: 0,
};
const message = new TextEncoder().encode('the tide is in');
let identity: Identity;
beforeAll(async () => {
  ({ identity } = await createIdentity(secrets));
});

test('peer identity - signs for a domain; everybody who has the key can check it', () => {
  const signature = identity.sign('skerry test 1', message);
  expect(verifySignature(identity.key, 'skerry test 1', message, signature)).toBe(true);
  expect(fromPublic(identity.key).verify(signedBytes('skerry test 1', message), signature)).toBe(
    true,
  );
  expect(verifySignature(identity.key, 'skerry test 2', message, signature)).toBe(false);
  expect(() => identity.sign('', message)).toThrow(TypeError);
});

test('peer identity - derives the same key for a purpose always, another for each other', async () => {
  const { identity: again } = await createIdentity(secrets);
  const { identity: other } = await createIdentity({
    ...secrets,
    accountSeed: new Uint8Array(32).fill(3),
  });
  const key = identity.derive('cookies');
  expect(key).toHaveLength(32);
  expect(again.derive('cookies')).toEqual(key);
  expect(identity.derive('cookie')).not.toEqual(key);
  expect(other.derive('cookies')).not.toEqual(key);
});

test('peer identity - does not depend on the seeds that were handed in', async () => {
  const wiped = {
    ...secrets,
    accountSeed: new Uint8Array(32).fill(1),
    userSeed: new Uint8Array(32).fill(2),
  };
  const made = await createIdentity(wiped);
  wiped.accountSeed.fill(0);
  wiped.userSeed.fill(0);
  expect(made.identity.derive('cookies')).toEqual(identity.derive('cookies'));
  expect(made.identity.sign('skerry test 1', message)).toEqual(
    identity.sign('skerry test 1', message),
  );
});

test('peer identity - its certificate is self-signed by the very key that names the peer', () => {
  const certificate = new X509Certificate(identity.tls.certPem);
  const spki = certificate.publicKey.export({ format: 'der', type: 'spki' });
  expect(new Uint8Array(spki.subarray(-32))).toEqual(decodeNKey('account', identity.key));
  expect(certificate.subject).toBe(`CN=${identity.key}`);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(identity.tls.keyPem))).toBe(true);
});

test('peer identity - its certificate is good whatever the clock says, and each has its own serial', async () => {
  const certificate = new X509Certificate(identity.tls.certPem);
  expect(certificate.validFromDate.toISOString()).toBe('2000-01-01T00:00:00.000Z');
  expect(certificate.validToDate.toISOString()).toBe('9999-12-31T23:59:59.000Z');
  const { identity: again } = await createIdentity(secrets);
  const second = new X509Certificate(again.tls.certPem);
  expect(second.serialNumber).not.toBe(certificate.serialNumber);
  expect(second.serialNumber).toMatch(/^4[0-9A-F]{31}$/);
});

test('peer identity - quiche takes certificate and key', () => {
  const { certPem, keyPem } = identity.tls;
  const config = quiche.Config.withBoringSslCtx(
    true,
    true,
    undefined,
    [Buffer.from(keyPem)],
    [Buffer.from(certPem)],
    'ed25519',
  );
  expect(config).toBeInstanceOf(quiche.Config);
});

test('peer identity - a name for the beginning comes from the computer', () => {
  const name = defaultDisplayName();
  expect(name).not.toBe('');
  expect(name.length).toBeLessThanOrEqual(64);
  expect(name).not.toContain('.');
});
