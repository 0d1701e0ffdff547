import fc from 'fast-check';
import { createAccount } from 'nkeys.js';
import { expect, test } from 'vitest';
import { encodeCbor } from '../../main/base/cbor.ts';
import { decodeNKey } from '../../main/base/nkey.ts';
import { IdentityError } from '../../main/identity/errors.ts';
import { formatInvite, looksLikeInvite, parseInvite } from '../../main/identity/invite-link.ts';
import type { Invite } from '../../main/identity/types.ts';
import { anyInvite } from './support/arbitraries.ts';

const key = createAccount().getPublicKey();
const typical: Invite = {
  key,
  name: 'Ada’s laptop',
  id: new Uint8Array(16).fill(1),
  secret: new Uint8Array(32).fill(2),
  expiresAt: 1_800_000_000_000,
  ways: [
    { kind: 'udp', host: '192.168.1.20', port: 41_641 },
    { kind: 'udp', host: '2001:db8:1:2:3:4:5:6', port: 41_641 },
    { kind: 'nats', server: 'nats://demo.example.org:4222', prefix: 'skerry' },
  ],
};

function linkOf(payload: unknown): string {
  return `skerry://invite/${Buffer.from(encodeCbor(payload)).toString('base64url')}`;
}

function codeOfParsing(text: string): string {
  try {
    parseInvite(text);
  } catch (error) {
    expect(error).toBeInstanceOf(IdentityError);
    return (error as IdentityError).code;
  }
  return 'parsed';
}

test('invite link - any invite survives it', () => {
  fc.assert(
    fc.property(anyInvite, (invite) => {
      const link = formatInvite(invite);
      expect(link).toMatch(/^skerry:\/\/invite\/[\w-]+$/);
      expect(parseInvite(link)).toEqual(invite);
    }),
    { numRuns: 300 },
  );
});

test('invite link - is short enough for a QR code that a phone reads from a screen', () => {
  expect(formatInvite(typical).length).toBeLessThanOrEqual(240);
});

test('invite link - white space around it and line breaks in it do not matter', () => {
  const link = formatInvite(typical);
  const wrapped = link.replace(/(.{60})/g, '$1\r\n  ');
  for (const text of [`  ${link}\n`, wrapped, link.replace('skerry', 'SKERRY')]) {
    expect(looksLikeInvite(text)).toBe(true);
    expect(parseInvite(text)).toEqual(typical);
  }
});

test('invite link - what is none is refused with a sentence', () => {
  const link = formatInvite(typical);
  for (const text of [
    '',
    key,
    'https://example.org/invite/abc',
    link.replace('skerry://', 'https://'),
    link.replace('invite', 'open'),
    'skerry://invite/',
    'skerry://invite/%41',
    `${link}#x`,
    `${link}==`,
    `${link}AAAA`,
    `skerry://invite/${'A'.repeat(5_000)}`,
    ' '.repeat(10_000_000),
  ]) {
    expect(codeOfParsing(text), text.slice(0, 60)).toBe('invite-malformed');
  }
  expect(looksLikeInvite(key)).toBe(false);
});

test('invite link - cut at any place it is refused', () => {
  const link = formatInvite(typical);
  for (let length = 0; length < link.length; length += 1) {
    expect(codeOfParsing(link.slice(0, length)), `${length}`).toBe('invite-malformed');
  }
});

test('invite link - one of a newer version says so, whatever else it holds', () => {
  expect(codeOfParsing(linkOf([2]))).toBe('invite-newer');
  expect(codeOfParsing(linkOf([7, { anything: true }, 'x']))).toBe('invite-newer');
});

test('invite link - parts of wrong type, length or number are refused', () => {
  const raw = decodeNKey('account', key);
  const good: unknown[] = [1, raw, typical.id, typical.secret, 1_800_000_000, 'Ada', []];
  expect(codeOfParsing(linkOf(good))).toBe('parsed');
  for (const [at, wrong] of [
    [0, 0],
    [0, '1'],
    [1, new Uint8Array(31)],
    [1, new Uint8Array(32)],
    [1, 'key'],
    [2, new Uint8Array(15)],
    [3, new Uint8Array(33)],
    [4, -1],
    [4, 1.5],
    [4, 8_640_000_000_001],
    [5, 7],
    [5, 'x'.repeat(257)],
    [6, {}],
    [6, [7]],
    [6, Array.from({ length: 17 }, () => 'host')],
  ] as const) {
    const payload = good.with(at, wrong);
    expect(codeOfParsing(linkOf(payload)), JSON.stringify(payload)).toBe('invite-malformed');
  }
  expect(codeOfParsing(linkOf([...good, 'more']))).toBe('invite-malformed');
  expect(codeOfParsing(linkOf(good.slice(0, 6)))).toBe('invite-malformed');
});

test('invite link - ways that cannot be are left out, the name is made safe to show', () => {
  const raw = decodeNKey('account', key);
  const ways = ['u:p@host', 'host:4222', new Uint8Array(6), ['bad host', 1], ['host', 4711]];
  const invite = parseInvite(linkOf([1, raw, typical.id, typical.secret, 1, 'A\u202Eda\n', ways]));
  expect(invite.name).toBe('Ada');
  expect(invite.ways).toEqual([
    { kind: 'nats', server: 'nats://host:4222', prefix: 'skerry' },
    { kind: 'udp', host: 'host', port: 4711 },
  ]);
  expect(parseInvite(linkOf([1, raw, typical.id, typical.secret, 1, '\u202E', []])).name).toBe(
    key.slice(0, 8),
  );
});

test('invite link - carries no credentials and stays bounded', () => {
  const server = (n: number) =>
    `nats://user:secret${n}@${'a'.repeat(60)}.${'b'.repeat(60)}${n}:4222`;
  const ways = Array.from({ length: 16 }, (_, n) => ({
    ...{ kind: 'nats' as const, prefix: 'p'.repeat(64) },
    server: `${server(n)}/${'c'.repeat(300)}`,
  }));
  const link = formatInvite({ ...typical, ways });
  expect(link.length).toBeLessThanOrEqual(4_096);
  const back = parseInvite(link);
  expect(back.ways.length).toBeGreaterThan(3);
  expect(JSON.stringify(back)).not.toContain('secret0');
});

test('invite link - random changes give an invite or a clear error', () => {
  const link = formatInvite(typical);
  fc.assert(
    fc.property(
      fc.nat(link.length - 1),
      fc.string({ minLength: 1, maxLength: 3 }),
      (at, inserted) => {
        expect(['parsed', 'invite-malformed', 'invite-newer']).toContain(
          codeOfParsing(link.slice(0, at) + inserted + link.slice(at + 1)),
        );
      },
    ),
    { numRuns: 500 },
  );
});
