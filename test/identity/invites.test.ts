import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createContacts } from '../../main/identity/contacts.ts';
import { formatInvite, parseInvite } from '../../main/identity/invite-link.ts';
import { createInvites, MAX_OPEN_INVITES } from '../../main/identity/invites.ts';
import { createReceivedInvites } from '../../main/identity/received-invites.ts';
import { createIdentity } from '../../main/identity/peer-identity.ts';
import type { Contacts, Identity, Invites } from '../../main/identity/types.ts';
import { openStore, type Store } from '../../main/store/open.ts';
import { randomPeerKey } from './support/arbitraries.ts';
import { freshHome } from './support/homes.ts';

const NOW = 1_700_000_000_000;
const DAY = 24 * 60 * 60 * 1_000;
const home = freshHome();
const message = new TextEncoder().encode('dial');

const seeds = (fill: number) => ({
  accountSeed: new Uint8Array(32).fill(fill),
  userSeed: new Uint8Array(32).fill(fill),
  createdAt: 0,
});

let identity: Identity;
let store: Store;
let contacts: Contacts;
let invites: Invites;
beforeEach(async () => {
  ({ identity } = await createIdentity(seeds(1)));
  store = openStore(join(home.path, 'store.db'));
  contacts = createContacts(store);
  invites = createInvites(store, contacts, identity);
});
afterEach(() => store.close());

test('invite - its receiver proves it once, and is accepted with that', () => {
  const made = invites.create('Ada', [{ kind: 'udp', host: '192.0.2.1', port: 1 }], NOW);
  expect(made).toMatchObject({ key: identity.key, name: 'Ada', expiresAt: NOW + DAY });
  const received = parseInvite(formatInvite(made));
  expect(received).toEqual(made);
  const proof = invites.prove(received, message);
  expect(proof).toEqual(new Uint8Array(createHmac('sha256', made.secret).update(message).digest()));

  const told: string[] = [];
  contacts.onChange((key, contact) => told.push(`${key} ${contact?.state}`));
  const guest = randomPeerKey();
  expect(invites.redeem(made.id, proof, message, guest, NOW)).toBe(true);
  expect(contacts.get(guest)?.state).toBe('accepted');
  expect(told).toEqual([`${guest} accepted`]);
  expect(invites.redeem(made.id, proof, message, randomPeerKey(), NOW)).toBe(false);
  expect(invites.redeem(made.id, proof, message, guest, NOW)).toBe(false);
  expect(contacts.list()).toHaveLength(1);
});

test('invite - a wrong proof, message or id is refused and uses nothing up', () => {
  const made = invites.create('Ada', [], NOW);
  const proof = invites.prove(made, message);
  const wrong = Uint8Array.from(proof);
  wrong[31] = (wrong[31] ?? 0) ^ 1;
  const other = invites.create('Ada', [], NOW);
  const guest = randomPeerKey();
  for (const [id, tried, over] of [
    [made.id, wrong, message],
    [made.id, proof.subarray(1), message],
    [made.id, new Uint8Array(0), message],
    [made.id, proof, message.subarray(1)],
    [other.id, proof, message],
    [new Uint8Array(16), proof, message],
    [new Uint8Array(0), proof, message],
  ] as const) {
    expect(invites.redeem(id, tried, over, guest, NOW)).toBe(false);
  }
  expect(contacts.list()).toEqual([]);
  expect(invites.redeem(made.id, proof, message, guest, NOW)).toBe(true);
});

test('invite - is good for a day and no longer', () => {
  const made = invites.create('Ada', [], NOW + 999);
  expect(made.expiresAt % 1_000).toBe(0);
  const proof = invites.prove(made, message);
  expect(invites.redeem(made.id, proof, message, randomPeerKey(), NOW + DAY)).toBe(false);
  expect(invites.redeem(made.id, proof, message, randomPeerKey(), NOW + DAY - 1)).toBe(true);
});

test('invite - a blocked key and this very peer cannot use it; it stays for others', () => {
  const made = invites.create('Ada', [], NOW);
  const proof = invites.prove(made, message);
  const blocked = randomPeerKey();
  contacts.put(blocked, { state: 'blocked' });
  expect(invites.redeem(made.id, proof, message, blocked, NOW)).toBe(false);
  expect(contacts.get(blocked)?.state).toBe('blocked');
  expect(invites.redeem(made.id, proof, message, identity.key, NOW)).toBe(false);
  expect(invites.redeem(made.id, proof, message, randomPeerKey(), NOW)).toBe(true);
});

test('invites - at most a hundred are open; used and expired ones make room', () => {
  const made = Array.from({ length: MAX_OPEN_INVITES }, () => invites.create('Ada', [], NOW));
  expect(() => invites.create('Ada', [], NOW)).toThrow(
    expect.objectContaining({ code: 'invites-full' }),
  );
  const [first] = made;
  if (first === undefined) throw new Error('none made');
  invites.redeem(first.id, invites.prove(first, message), message, randomPeerKey(), NOW);
  expect(invites.create('Ada', [], NOW).id).toHaveLength(16);
  expect(invites.create('Ada', [], NOW + DAY).id).toHaveLength(16);
});

test('invites - outlive a restart; their secrets stand nowhere in the store', () => {
  const made = invites.create('Ada', [], NOW);
  store.close();
  const bytes = readFileSync(join(home.path, 'store.db'));
  expect(bytes.includes(Buffer.from(made.id))).toBe(true);
  expect(bytes.includes(Buffer.from(made.secret))).toBe(false);
  store = openStore(join(home.path, 'store.db'));
  contacts = createContacts(store);
  invites = createInvites(store, contacts, identity);
  expect(invites.redeem(made.id, invites.prove(made, message), message, randomPeerKey(), NOW)).toBe(
    true,
  );
});

test('invite - of several processes that redeem it at the same moment one wins', async () => {
  const made = invites.create('Ada', [], NOW);
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  const at = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const script = `
    import { once } from 'node:events';
    import { createContacts } from ${at('../../main/identity/contacts.ts')};
    import { createInvites } from ${at('../../main/identity/invites.ts')};
    import { openStore } from ${at('../../main/store/open.ts')};
    const [file, id, proof, message, key, guest] = process.argv.slice(1);
    const bytes = (hex) => new Uint8Array(Buffer.from(hex, 'hex'));
    const derived = bytes(${JSON.stringify(hex(identity.derive('invite secrets')))});
    const store = openStore(file);
    const invites = createInvites(store, createContacts(store), { key, derive: () => derived });
    process.stdout.write('ready\\n');
    await once(process.stdin, 'data');
    const won = invites.redeem(bytes(id), bytes(proof), bytes(message), guest, ${NOW});
    process.stdout.write(won ? 'won' : 'lost');
    store.close();
    process.exit(0);
  `;
  const rivals = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const args = [hex(made.id), hex(invites.prove(made, message)), hex(message), identity.key];
      const child = spawn(
        process.execPath,
        [
          '--input-type=module',
          '-e',
          script,
          join(home.path, 'store.db'),
          ...args,
          randomPeerKey(),
        ],
        { stdio: ['pipe', 'pipe', 'inherit'] },
      );
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
      await once(child.stdout, 'data');
      return { child, answer: () => said.replace('ready\n', '') };
    }),
  );
  for (const { child } of rivals) child.stdin.write('go\n');
  await Promise.all(rivals.map(({ child }) => once(child, 'close')));
  expect(rivals.map(({ answer }) => answer()).sort()).toEqual(['lost', 'lost', 'won']);
  expect(contacts.list().map(({ state }) => state)).toEqual(['accepted']);
});

test('received invite - is there after a restart, until it is removed', () => {
  const invite = invites.create('Ada', [{ kind: 'udp', host: '::1', port: 7 }], NOW);
  createReceivedInvites(store, identity, () => NOW).put(invite);
  store.close();
  const bytes = readFileSync(join(home.path, 'store.db'));
  expect(bytes.includes(Buffer.from(invite.secret))).toBe(false);

  store = openStore(join(home.path, 'store.db'));
  const received = createReceivedInvites(store, identity, () => NOW);
  expect(received.get(invite.key)).toEqual(invite);
  expect(received.get(randomPeerKey())).toBeUndefined();
  received.remove(invite.key);
  received.remove(invite.key);
  expect(received.get(invite.key)).toBeUndefined();
});

test('received invites - a newer one of the same peer replaces it, expired ones go', () => {
  let clock = NOW;
  const received = createReceivedInvites(store, identity, () => clock);
  const old = { ...invites.create('Old', [], NOW - DAY + 1_000), key: randomPeerKey() };
  const first = invites.create('Ada', [], NOW);
  const second = invites.create('Ada', [], NOW);
  received.put(old);
  received.put(first);
  expect(received.get(old.key)).toEqual(old);
  clock = NOW + 2_000;
  received.put(second);
  expect(received.get(first.key)).toEqual(second);
  expect(received.get(old.key)).toBeUndefined();
});

test('received invite - is of no use to another identity, or moved to another peer', async () => {
  const invite = invites.create('Ada', [], NOW);
  createReceivedInvites(store, identity, () => NOW).put(invite);
  const { identity: other } = await createIdentity(seeds(2));
  expect(createReceivedInvites(store, other).get(invite.key)).toBeUndefined();
  const moved = randomPeerKey();
  store.db.prepare('UPDATE received_invites SET key = ?').run(moved);
  expect(createReceivedInvites(store, identity).get(moved)).toBeUndefined();
});
