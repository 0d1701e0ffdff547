import { expect, test } from 'vitest';
import type { PeerKey } from '../../../main/identity/types.ts';
import {
  commitment,
  decodeAcquaintance,
  encodeAcquaintance,
} from '../../../main/link/discovery/acquaintance-wire.ts';
import { Acquaintances } from '../../../main/link/discovery/acquaintances.ts';
import type { Source } from '../../../main/link/discovery/multicast.ts';
import { testIdentity, until, type TestIdentity } from './support.ts';

const FROM: Source = { host: '192.0.2.7', port: 9 };

interface Party {
  readonly identity: TestIdentity;
  readonly acquaintances: Acquaintances;
  readonly sent: Uint8Array[];
  verified: number;
  admitted: boolean;
  /** Where what is sent goes besides `sent`. */
  wire: (bytes: Uint8Array) => void;
}

function party(fill: number): Party {
  const identity = testIdentity(fill);
  const self: Party = {
    identity,
    sent: [],
    verified: 0,
    admitted: true,
    wire: () => undefined,
    acquaintances: new Acquaintances({
      signer: identity,
      send: (bytes) => {
        self.sent.push(bytes);
        self.wire(bytes);
      },
      admits: () => self.admitted,
      mayVerify: () => {
        self.verified += 1;
        return true;
      },
      onFingerprint: () => undefined,
      now: Date.now,
    }),
  };
  return self;
}

const fingerprintOf = (one: Party, other: Party): string =>
  JSON.stringify(one.acquaintances.fingerprintOf(other.identity.key));

test('acquaintance - both ends draw the same, though datagrams get lost', async () => {
  const [ada, bob] = [party(1), party(2)];
  const lost = new Set<string>();
  /** Of each kind the first one. */
  const losing = (to: Party) => (bytes: Uint8Array) => {
    const kind = decodeAcquaintance(bytes)?.kind ?? '';
    if (lost.has(kind)) queueMicrotask(() => to.acquaintances.receive(bytes, FROM));
    lost.add(kind);
  };
  ada.wire = losing(bob);
  bob.wire = losing(ada);
  await ada.acquaintances.ask(bob.identity.key, FROM);
  expect(ada.acquaintances.fingerprintOf(bob.identity.key)?.words).toHaveLength(6);
  expect(fingerprintOf(bob, ada)).toBe(fingerprintOf(ada, bob));
});

test('acquaintance - when both ask at once, both show the same', async () => {
  const [ada, bob] = [party(1), party(2)];
  ada.wire = (bytes) => queueMicrotask(() => bob.acquaintances.receive(bytes, FROM));
  bob.wire = (bytes) => queueMicrotask(() => ada.acquaintances.receive(bytes, FROM));
  await Promise.all([
    ada.acquaintances.ask(bob.identity.key, FROM),
    bob.acquaintances.ask(ada.identity.key, FROM),
  ]);
  expect(fingerprintOf(bob, ada)).toBe(fingerprintOf(ada, bob));
});

test('man in the middle - with keys of his own, the two ends show different words', async () => {
  const [ada, bob, toAda, toBob] = [party(1), party(2), party(3), party(4)];
  ada.wire = (bytes) => queueMicrotask(() => toAda.acquaintances.receive(bytes, FROM));
  toAda.wire = (bytes) => queueMicrotask(() => ada.acquaintances.receive(bytes, FROM));
  toBob.wire = (bytes) => queueMicrotask(() => bob.acquaintances.receive(bytes, FROM));
  bob.wire = (bytes) => queueMicrotask(() => toBob.acquaintances.receive(bytes, FROM));
  await Promise.all([
    ada.acquaintances.ask(toAda.identity.key, FROM),
    toBob.acquaintances.ask(bob.identity.key, FROM),
  ]);
  expect(fingerprintOf(bob, toBob)).not.toBe(fingerprintOf(ada, toAda));
});

test('man in the middle - cannot choose his nonce after he has seen the other', async () => {
  const [bob, eve] = [party(2), party(4)];
  const id = new Uint8Array(16).fill(1);
  const nonce = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
  const [from, to] = [eve.identity.key, bob.identity.key];
  const say = (kind: 'commit' | 'reveal', data: Uint8Array): void =>
    bob.acquaintances.receive(
      encodeAcquaintance({ kind, to, id, data, ts: Date.now() }, eve.identity),
      FROM,
    );
  say('commit', commitment(from, to, id, nonce(1)));
  expect(bob.sent).toHaveLength(1);
  // Another commitment under the same name is not taken, another nonce does not fit.
  say('commit', commitment(from, to, id, nonce(2)));
  expect(bob.sent).toHaveLength(1);
  say('reveal', nonce(2));
  expect(bob.acquaintances.fingerprintOf(from)).toBeUndefined();
  say('reveal', nonce(1));
  expect(bob.acquaintances.fingerprintOf(from)?.words).toHaveLength(6);
});

test('man in the middle - the asker takes the first nonce only', async () => {
  const [ada, bob] = [party(1), party(2)];
  const asking = ada.acquaintances.ask(bob.identity.key, FROM);
  const commit = decodeAcquaintance(ada.sent[0] ?? new Uint8Array());
  const answer = (fill: number): void =>
    ada.acquaintances.receive(
      encodeAcquaintance(
        {
          kind: 'nonce',
          to: ada.identity.key,
          id: commit?.id ?? new Uint8Array(16),
          data: new Uint8Array(32).fill(fill),
          ts: Date.now(),
        },
        bob.identity,
      ),
      FROM,
    );
  answer(1);
  const drawn = fingerprintOf(ada, bob);
  answer(2);
  expect(fingerprintOf(ada, bob)).toBe(drawn);
  ada.acquaintances.close();
  await asking;
});

test('acquaintance - forged, stale, unasked and misdirected messages change nothing', async () => {
  const [ada, bob, eve] = [party(1), party(2), party(3)];
  const asking = ada.acquaintances.ask(bob.identity.key, FROM);
  const sent = decodeAcquaintance(ada.sent[0] ?? new Uint8Array());
  const id = sent?.id ?? new Uint8Array(16);
  const data = new Uint8Array(32);
  const [to, ts] = [ada.identity.key, Date.now()];
  const receive = (bytes: Uint8Array): void => ada.acquaintances.receive(bytes, FROM);
  // Of somebody else, and with a name nobody gave: not even a signature is checked.
  receive(encodeAcquaintance({ kind: 'nonce', to, id, data, ts }, eve.identity));
  receive(
    encodeAcquaintance({ kind: 'nonce', to, id: new Uint8Array(16), data, ts }, bob.identity),
  );
  receive(encodeAcquaintance({ kind: 'reveal', to, id, data, ts }, bob.identity));
  receive(encodeAcquaintance({ kind: 'nonce', to, id, data, ts: ts - 91_000 }, bob.identity));
  receive(encodeAcquaintance({ kind: 'nonce', to: eve.identity.key, id, data, ts }, bob.identity));
  expect(ada.verified).toBe(0);
  const good = encodeAcquaintance({ kind: 'nonce', to, id, data, ts }, bob.identity);
  const bad = Uint8Array.from(good, (byte, at) => (at === good.length - 40 ? byte ^ 1 : byte));
  receive(bad);
  expect(ada.acquaintances.fingerprintOf(bob.identity.key)).toBeUndefined();
  receive(good);
  await until(() => ada.acquaintances.fingerprintOf(bob.identity.key) !== undefined, 'the words');
  ada.acquaintances.close();
  await asking;
});

test('acquaintance - who is hidden answers no stranger', () => {
  const [bob, eve] = [party(2), party(4)];
  bob.admitted = false;
  const to: PeerKey = bob.identity.key;
  const message = { kind: 'commit' as const, to, id: new Uint8Array(16), data: new Uint8Array(32) };
  bob.acquaintances.receive(encodeAcquaintance({ ...message, ts: Date.now() }, eve.identity), FROM);
  expect(bob.sent).toEqual([]);
  expect(bob.verified).toBe(0);
});

test('flood - of acquaintances from many keys holds 64 of them', () => {
  const bob = party(2);
  const to = bob.identity.key;
  for (let fill = 3; fill < 103; fill += 1) {
    const message = {
      kind: 'commit' as const,
      to,
      id: new Uint8Array(16),
      data: new Uint8Array(32),
    };
    const bytes = encodeAcquaintance({ ...message, ts: Date.now() }, testIdentity(fill));
    bob.acquaintances.receive(bytes, FROM);
  }
  expect(bob.sent).toHaveLength(64);
});
