import fc from 'fast-check';
import { createAccount, createCurve, createServer, createUser, fromPublic } from 'nkeys.js';
import { expect, test } from 'vitest';
import { decodeNKey, encodeNKey, isPeerKey } from '../../main/base/nkey.ts';

const rawKey = fc.uint8Array({ minLength: 32, maxLength: 32 });

test('nkey - raw bytes survive the text and back, for every role', () => {
  fc.assert(
    fc.property(
      rawKey,
      fc.constantFrom('account', 'user', 'operator', 'server', 'curve'),
      (raw, role) => {
        const text = encodeNKey(role, raw);
        expect(text).toHaveLength(56);
        expect(decodeNKey(role, text)).toEqual(raw);
        expect(isPeerKey(text)).toBe(role === 'account');
      },
    ),
  );
});

test('nkey - takes the keys that nkeys.js makes, and only accounts as peers', () => {
  expect(isPeerKey(createAccount().getPublicKey())).toBe(true);
  expect(isPeerKey(createUser().getPublicKey())).toBe(false);
  expect(decodeNKey('server', createServer().getPublicKey())).toHaveLength(32);
  expect(decodeNKey('curve', createCurve().getPublicKey())).toHaveLength(32);
  expect(decodeNKey('user', createServer().getPublicKey())).toBeUndefined();
});

test('nkey - every mistyped character is found', () => {
  const key = createAccount().getPublicKey();
  for (let at = 0; at < key.length; at += 1) {
    const other = key[at] === 'B' ? 'C' : 'B';
    expect(isPeerKey(key.slice(0, at) + other + key.slice(at + 1)), `character ${at}`).toBe(false);
  }
});

test('nkey - nothing else is a key', () => {
  const key = createAccount().getPublicKey();
  for (const text of [
    '',
    key.toLowerCase(),
    key.slice(1),
    `${key}A`,
    ` ${key}`,
    `${key}\n`,
    'A'.repeat(56),
    undefined,
    null,
    56,
    [key],
  ]) {
    expect(isPeerKey(text), String(text)).toBe(false);
  }
  expect(() => encodeNKey('account', new Uint8Array(31))).toThrow(TypeError);
});

test('nkey - a point of small order is no key: anybody could sign for it', () => {
  const neutral = new Uint8Array(32);
  neutral[0] = 1;
  const key = encodeNKey('account', neutral);
  // Nobody's signature: S = 0 and R the neutral point.
  const signature = Uint8Array.from([...neutral, ...new Uint8Array(32)]);
  expect(fromPublic(key).verify(new TextEncoder().encode('anything'), signature)).toBe(true);
  expect(isPeerKey(key)).toBe(false);
  neutral[31] = 0x80;
  expect(isPeerKey(encodeNKey('account', neutral))).toBe(false);
});
