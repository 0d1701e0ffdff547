import { createAccount } from 'nkeys.js';
import { expect, test } from 'vitest';
import { agree, agreementKey } from '../../main/identity/agreement.ts';
import { ed25519PrivateKey, rawPublicKey } from '../../main/identity/ed25519.ts';
import { encodeNKey } from '../../main/base/nkey.ts';

function party(fill: number) {
  const seed = new Uint8Array(32).fill(fill);
  const key = encodeNKey('account', rawPublicKey(ed25519PrivateKey(seed)));
  return { key, privateKey: agreementKey(seed) };
}

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

test('agreement - two peers compute one key, whoever of them does', () => {
  const [ada, bob] = [party(1), party(2)];
  const key = agree(ada, bob.key, 'test');
  expect(key).toHaveLength(32);
  expect(agree(bob, ada.key, 'test')).toEqual(key);
});

test('agreement - the key of fixed seeds is this one, on every build', () => {
  expect(hex(agree(party(1), party(2).key, 'test'))).toBe(
    'a6b464cc2161b837106b77754772c2716acbc609c6179ed8d46dea8d62c25ad9',
  );
});

test('agreement - another peer and another purpose have another key', () => {
  const [ada, bob, eve] = [party(1), party(2), party(3)];
  const key = agree(ada, bob.key, 'test');
  expect(agree(ada, eve.key, 'test')).not.toEqual(key);
  expect(agree(ada, bob.key, 'other')).not.toEqual(key);
});

test('agreement - agrees with twenty keys as they come', () => {
  const own = party(9);
  for (let count = 0; count < 20; count += 1) {
    const other = createAccount().getPublicKey();
    expect(agree(own, other, 'test')).toHaveLength(32);
  }
});

test('agreement - what is no peer key agrees on nothing', () => {
  expect(agree(party(1), 'A'.repeat(56), 'test')).toBeUndefined();
  const smallOrder = new Uint8Array(32);
  expect(agree(party(1), encodeNKey('account', smallOrder), 'test')).toBeUndefined();
});
