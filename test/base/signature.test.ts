import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { createAccount, fromPublic } from 'nkeys.js';
import { expect, test } from 'vitest';
import { encodeNKey } from '../../main/base/nkey.ts';
import { signedBytes, signWith, verifySignature } from '../../main/base/signature.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const key = encodeNKey('account', publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));
const message = new TextEncoder().encode('the tide is out');

test('signature - holds for its key, domain and message, and nkeys.js agrees', () => {
  const signature = signWith(privateKey, 'skerry test 1', message);
  expect(signature).toHaveLength(64);
  expect(verifySignature(key, 'skerry test 1', message, signature)).toBe(true);
  expect(fromPublic(key).verify(signedBytes('skerry test 1', message), signature)).toBe(true);
});

test('signature - means nothing in another domain, for another message or key', () => {
  const signature = signWith(privateKey, 'skerry test 1', message);
  expect(verifySignature(key, 'skerry test 2', message, signature)).toBe(false);
  expect(verifySignature(key, 'skerry test 1', message.subarray(1), signature)).toBe(false);
  const stranger = createAccount().getPublicKey();
  expect(verifySignature(stranger, 'skerry test 1', message, signature)).toBe(false);
});

test('signature - the border between domain and message cannot be moved', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z][a-z0-9 ./-]{0,63}$/),
      fc.stringMatching(/^[a-z][a-z0-9 ./-]{0,63}$/),
      fc.uint8Array(),
      fc.uint8Array(),
      (domainA, domainB, messageA, messageB) => {
        const same = domainA === domainB && Buffer.compare(messageA, messageB) === 0;
        const bytesA = signedBytes(domainA, messageA);
        expect(Buffer.compare(bytesA, signedBytes(domainB, messageB)) === 0).toBe(same);
      },
    ),
  );
});

test('signature - a domain that could pass for something else is refused', () => {
  for (const domain of ['', 'Skerry', '0abc', ' abc', 'a\0b', 'é', `a${'b'.repeat(64)}`]) {
    expect(() => signedBytes(domain, message), JSON.stringify(domain)).toThrow(TypeError);
  }
});

test('signature - changed, cut, long and empty ones are false, never an exception', () => {
  const signature = signWith(privateKey, 'skerry test 1', message);
  for (let at = 0; at < signature.length; at += 1) {
    const flipped = Uint8Array.from(signature);
    flipped[at] = (flipped[at] ?? 0) ^ 0x10;
    expect(verifySignature(key, 'skerry test 1', message, flipped), `byte ${at}`).toBe(false);
  }
  for (const wrong of [new Uint8Array(0), signature.subarray(1), new Uint8Array(65)]) {
    expect(verifySignature(key, 'skerry test 1', message, wrong)).toBe(false);
  }
  expect(verifySignature('A'.repeat(56), 'skerry test 1', message, signature)).toBe(false);
  const noPoint = encodeNKey('account', new Uint8Array(32).fill(0xff));
  expect(verifySignature(noPoint, 'skerry test 1', message, signature)).toBe(false);
});
