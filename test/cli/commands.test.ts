import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  BrowsePage,
  ContactInfo,
  type Handlers,
  InviteInfo,
  LinkInfo,
  OfferInfo,
  Settings,
  ShareInfo,
  Status,
  TransferInfo,
} from '../../main/api/contract.ts';
import { displayWidth } from '../../main/cli/output/width.ts';
import { servePeer } from './support/cli.ts';
import {
  ada,
  contact,
  entry,
  keyOf,
  offer,
  sampleLink,
  sampleStatus,
  share,
  transfer,
} from './support/samples.ts';

/** One line of JSON and nothing else. */
function parsed<Schema extends z.ZodType>(schema: Schema, stdout: string): z.output<Schema> {
  expect(stdout).toMatch(/^[^\n]+\n$/);
  return schema.parse(JSON.parse(stdout));
}

/** Notes what a call was called with, and answers. */
function noting<Answer>(answer: Answer): {
  readonly called: unknown[];
  readonly handler: (params: unknown) => Promise<Answer>;
} {
  const called: unknown[] = [];
  return {
    called,
    handler: (params) => {
      called.push(params);
      return Promise.resolve(answer);
    },
  };
}

const link = `skerry://invite/${'x'.repeat(40)}`;
const bob = contact({ key: keyOf('BOB'), name: 'Bob', state: 'requested', online: false });
const contacts = [contact({ link: sampleLink }), bob];

const everything: Partial<Handlers> = {
  'status.get': async () => sampleStatus,
  'settings.get': async () => ({ name: 'laptop', downloads: '/d' }),
  'contacts.list': async () => contacts,
  'links.list': async () => [sampleLink],
  'shares.list': async () => [share(), share({ id: 'm2', name: 'talk', audience: [ada] })],
  'offers.list': async () => [offer(), offer({ peer: bob.key, peerName: 'Bob', id: 'zz9' })],
  'transfers.list': async () => [transfer()],
  'invites.create': async () => ({ link, expiresAt: Date.UTC(2026, 10, 22, 2, 44) }),
  'ui.open': async () => ({ url: 'http://127.0.0.1:4180/#token=abc' }),
};

describe('asking', () => {
  test('status shows name, key and addresses', async () => {
    const peer = await servePeer(everything);
    const human = await peer.cli('status');
    expect(human).toMatchObject({ code: 0, stderr: '' });
    for (const text of [
      'laptop',
      sampleStatus.key,
      '0.0.0.0:41641',
      '[::]:41641',
      'nats://n.example:4222 skerry (connected)',
      'nats://m.example:4222 isle (refused: Authorization Violation)',
      sampleStatus.socket,
      'http://127.0.0.1:4180/',
    ]) {
      expect(human.stdout).toContain(text);
    }
    const json = await peer.cli('status', '--json');
    expect(parsed(Status, json.stdout)).toEqual(sampleStatus);
  });

  test('id, ui, name and invite print what can be copied', async () => {
    const peer = await servePeer(everything);
    const [id, idJson, ui, uiJson, name, nameJson, invite, inviteJson] = await Promise.all([
      peer.cli('id'),
      peer.cli('id', '--json'),
      peer.cli('ui'),
      peer.cli('--json', 'ui'),
      peer.cli('name'),
      peer.cli('name', '--json'),
      peer.cli('invite'),
      peer.cli('invite', '--json'),
    ]);
    expect(id.stdout).toBe(`key   ${sampleStatus.key}\nname  laptop\n`);
    expect(JSON.parse(idJson.stdout)).toEqual({ key: sampleStatus.key, name: 'laptop' });
    expect(ui.stdout).toBe('http://127.0.0.1:4180/#token=abc\n');
    expect(JSON.parse(uiJson.stdout)).toEqual({ url: 'http://127.0.0.1:4180/#token=abc' });
    expect(name.stdout).toBe('laptop\n');
    expect(parsed(Settings, nameJson.stdout).name).toBe('laptop');
    expect(invite.stdout).toBe(`${link}\n`);
    expect(invite.stderr).toContain('until 2026-11-22 02:44');
    expect(parsed(InviteInfo, inviteJson.stdout).link).toBe(link);
    expect(inviteJson.stderr).toBe('');
  });

  test('name changes the name', async () => {
    const set = noting({ name: 'isle', downloads: '/d' });
    const peer = await servePeer({ 'settings.set': set.handler });
    expect(await peer.cli('name', 'isle')).toMatchObject({ code: 0, stdout: 'isle\n' });
    expect(set.called).toEqual([{ name: 'isle' }]);
  });

  test('lists are tables within 80 columns, and the contract’s arrays in JSON', async () => {
    const peer = await servePeer(everything);
    const cases = [
      ['peers', z.array(ContactInfo), ['ada', 'udp 3.3 ms', 'Bob', 'requested', ada.slice(0, 12)]],
      ['links', z.array(LinkInfo), ['ada', 'udp', '192.0.2.7:41641', '1.50 KiB', '4.66 GiB']],
      ['shares', z.array(ShareInfo), ['docs', '1.20 GiB', '5,012', 'ready', 'everyone', 'ada']],
      ['inbox', z.array(OfferInfo), ['ada', 'docs/', '1.20 GiB', '5,012', 'Bob']],
      ['transfers', z.array(TransferInfo), ['t7q2zzzzzzzz', '42%', '212 MiB/s 0:03', 'docs']],
    ] as const;
    await Promise.all(
      cases.map(async ([command, schema, texts]) => {
        const human = await peer.cli(command);
        expect(human).toMatchObject({ code: 0, stderr: '' });
        for (const text of texts) expect(human.stdout).toContain(text);
        for (const line of human.stdout.split('\n')) {
          expect(displayWidth(line)).toBeLessThanOrEqual(80);
        }
        const json = await peer.cli(command, '--json');
        expect(parsed(schema, json.stdout).length).toBeGreaterThan(0);
      }),
    );
    expect((await peer.cli('peers', '--keys')).stdout).toContain(ada);
    const paths = await peer.cli('links', '--paths');
    for (const text of ['current', '3.3 ms', '0.4 %', 'standby', '31 ms', '10.0.0.9:41641']) {
      expect(paths.stdout).toContain(text);
    }
    expect(paths.stdout).toMatch(/silent *\n/);
  });

  test('empty lists say so, and are empty arrays in JSON', async () => {
    const peer = await servePeer({
      'contacts.list': async () => [],
      'links.list': async () => [],
      'shares.list': async () => [],
      'offers.list': async () => [],
      'transfers.list': async () => [],
    });
    const commands = ['peers', 'links', 'shares', 'inbox', 'transfers'];
    const human = await Promise.all(commands.map((command) => peer.cli(command)));
    expect(human.map(({ stdout }) => stdout.split('\n').length)).toEqual([2, 2, 2, 2, 2]);
    const json = await Promise.all(commands.map((command) => peer.cli(command, '--json')));
    expect(json.map(({ stdout }) => stdout)).toEqual(commands.map(() => '[]\n'));
  });
});

describe('contacts', () => {
  const preview = {
    key: ada,
    name: 'ada\x1b[2J',
    expiresAt: Date.UTC(2026, 10, 22),
    expired: false,
    ways: ['udp 192.0.2.7:41641'],
    state: null,
  };

  test('add with --yes adds an invite, or a key at an address', async () => {
    const add = noting(contact({ online: false }));
    const peer = await servePeer({
      ...everything,
      'invites.preview': async () => preview,
      'contacts.add': add.handler,
    });
    const human = await peer.cli('add', link, '--yes');
    expect(human).toMatchObject({
      code: 0,
      stdout: 'Added ada; the link comes up when both are online.\n',
    });
    const json = await peer.cli('add', ada, '--at', '192.0.2.7:41641', '-y', '--json');
    expect(parsed(ContactInfo, json.stdout).key).toBe(ada);
    expect(add.called).toEqual([{ target: link }, { target: ada, at: '192.0.2.7:41641' }]);
  });

  test('add without a terminal and without --yes refuses and says whom', async () => {
    const peer = await servePeer({ ...everything, 'invites.preview': async () => preview });
    const refused = await peer.cli('add', link);
    expect(refused.code).toBe(1);
    expect(refused.stdout).toBe('');
    expect(refused.stderr).toBe(
      `skerry: Nobody can be asked here whether to add ${ada} ("ada\ufffd[2J"). Check the key and run the command again with --yes.\n`,
    );
  });

  test('add refuses an expired invite even with --yes', async () => {
    const peer = await servePeer({
      'invites.preview': async () => ({ ...preview, expired: true }),
    });
    const refused = await peer.cli('add', link, '--yes', '--json');
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stderr)).toMatchObject({ error: { code: 'invite-expired' } });
  });

  test('peers accept, block and remove act on the contact of that name or key', async () => {
    const accept = noting({ ...bob, state: 'accepted' as const });
    const block = noting({ ...bob, state: 'blocked' as const });
    const remove = noting({});
    const peer = await servePeer({
      ...everything,
      'contacts.accept': accept.handler,
      'contacts.block': block.handler,
      'contacts.remove': remove.handler,
    });
    expect((await peer.cli('peers', 'accept', 'bob')).stdout).toBe('Accepted Bob.\n');
    const blocked = await peer.cli('peers', 'block', bob.key.slice(0, 6), '--json');
    expect(parsed(ContactInfo, blocked.stdout).state).toBe('blocked');
    expect((await peer.cli('peers', 'remove', bob.key)).stdout).toBe('Removed Bob.\n');
    expect([accept.called, block.called, remove.called]).toEqual([
      [{ key: bob.key }],
      [{ key: bob.key }],
      [{ key: bob.key }],
    ]);
  });

  test('peers relay switches relaying with a contact on and off', async () => {
    const relay = noting({ ...contact(), relay: true });
    const peer = await servePeer({ ...everything, 'contacts.relay': relay.handler });
    const on = await peer.cli('peers', 'relay', 'ada', 'on');
    expect(on.stdout).toBe('Relays for ada, once they switch it on for you too.\n');
    expect((await peer.cli('peers', 'relay', 'ada', 'off', '--json')).code).toBe(0);
    const { key } = contact();
    expect(relay.called).toEqual([
      { key, on: true },
      { key, on: false },
    ]);
    expect((await peer.cli('peers', 'relay', 'ada', 'perhaps')).code).toBe(2);
  });

  test('peers accept means the request when an accepted contact has the same name', async () => {
    const stranger = contact({ key: keyOf('STRANGE'), state: 'requested' });
    const accept = noting(stranger);
    const peer = await servePeer({
      'contacts.list': async () => [contact(), stranger],
      'contacts.accept': accept.handler,
    });
    expect(await peer.cli('peers', 'accept', 'ada')).toMatchObject({ code: 0 });
    expect(accept.called).toEqual([{ key: stranger.key }]);
    const blocked = await peer.cli('peers', 'block', 'ada');
    expect(blocked.code).toBe(1);
    expect(blocked.stderr).toContain(
      '"ada" can be 2 contacts: ada ADAQQQQQQQQQ, ada ASTRANGEQQQQ.',
    );
  });
});

describe('sharing', () => {
  test('share sends the whole path, the name and the audience', async () => {
    const add = noting(share({ state: 'hashing', hashedBytes: 0 }));
    const peer = await servePeer({ ...everything, 'shares.add': add.handler });
    const human = await peer.cli('share', 'package.json', '--with', 'ada', '--name', 'pack');
    expect(human).toMatchObject({ code: 0, stderr: '' });
    expect(human.stdout).toMatch(/^Sharing docs with everyone you accepted; it is being hashed/);
    const json = await peer.cli('share', '/srv/docs', '--json');
    expect(parsed(ShareInfo, json.stdout).state).toBe('hashing');
    expect(add.called).toEqual([
      { path: `${process.cwd()}/package.json`, name: 'pack', audience: [ada] },
      { path: '/srv/docs', audience: 'everyone' },
    ]);
  });

  test('share --wait returns when the share is hashed', async () => {
    const hashing = share({ state: 'hashing', hashedBytes: 100 });
    const peer = await servePeer({
      'shares.add': async () => hashing,
      'shares.list': async () => {
        setTimeout(() => {
          const data = share({ skipped: { count: 2, examples: ['a/sock\x1b: a socket'] } });
          peer.peer.emit({ event: 'share', subject: data.id, data });
        }, 20);
        return [hashing];
      },
    });
    const human = await peer.cli('share', '.', '--wait');
    expect(human.stderr).toBe('hashing 0%, 0.00/1.20 GiB\n');
    expect(human.stdout).toBe(
      'Sharing docs (5,012 files, 1.20 GiB) with everyone you accepted.\nLeft out: 2, e.g.\n  a/sock\ufffd: a socket\n',
    );
    expect(human.code).toBe(0);
  });

  test('share --wait fails when the share cannot be read', async () => {
    const error = { code: 'path-missing', message: 'It is gone.', hint: 'Look for it.' };
    const failed = share({ state: 'failed', error });
    const peer = await servePeer({
      'shares.add': async () => share({ state: 'hashing' }),
      'shares.list': async () => [failed],
    });
    expect(await peer.cli('share', '.', '--wait')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'skerry: It is gone. Look for it.\n',
    });
  });

  test('unshare takes back a share by name or by the start of its id', async () => {
    const remove = noting({});
    const peer = await servePeer({ ...everything, 'shares.remove': remove.handler });
    expect((await peer.cli('unshare', 'TALK')).stdout).toBe('talk is no longer shared.\n');
    expect((await peer.cli('unshare', 'k3w9', '--json')).stdout).toBe('{}\n');
    expect(remove.called).toEqual([{ id: 'm2' }, { id: share().id }]);
  });
});

describe('looking at what others share', () => {
  test('ls of a contact lists its offers alone', async () => {
    const peer = await servePeer(everything);
    const human = await peer.cli('ls', 'ada');
    expect(human.stdout).toContain('docs/');
    expect(human.stdout).not.toContain('Bob');
    const json = await peer.cli('ls', 'ada/', '--json');
    expect(parsed(z.array(OfferInfo), json.stdout)).toEqual([offer()]);
  });

  test('ls of a folder reads every page, sums and neutralises names', async () => {
    const pages: Record<string, BrowsePage> = {
      '': { entries: [entry({ name: '2026', kind: 'folder', files: 3 })], next: 'c1' },
      c1: { entries: [entry({ name: 'bad\x1b[31m\n.jpg' })], next: null },
    };
    const asked: unknown[] = [];
    const peer = await servePeer({
      ...everything,
      'offers.browse': async (params) => {
        asked.push(params);
        return pages[params.after ?? ''] ?? { entries: [], next: null };
      },
    });
    const human = await peer.cli('ls', 'ada/docs/sub/e\u0301/');
    expect(human.stdout).toBe(
      [
        '    SIZE      FILES  MODIFIED          NAME',
        '2.30 MiB          3  2026-11-21 02:44  2026/',
        '2.30 MiB          1  2026-11-21 02:44  bad\ufffd[31m\ufffd.jpg',
        '',
      ].join('\n'),
    );
    expect(asked).toEqual([
      { peer: ada, share: offer().id, path: 'sub/é', limit: 1000 },
      { peer: ada, share: offer().id, path: 'sub/é', limit: 1000, after: 'c1' },
    ]);
    const json = await peer.cli('ls', 'ada/docs', '--json');
    expect(parsed(BrowsePage, json.stdout).entries.map(({ name }) => name)).toEqual([
      '2026',
      'bad\x1b[31m\n.jpg',
    ]);
    const limited = await peer.cli('ls', 'ada/docs', '--json', '--limit', '1');
    expect(parsed(BrowsePage, limited.stdout)).toMatchObject({ entries: [{}], next: 'c1' });
    const empty = await peer.cli('ls', 'ada/docs', '--json', '--after', 'nowhere');
    expect(parsed(BrowsePage, empty.stdout)).toEqual({ entries: [], next: null });
  });

  test('ls waits for a contact that is just coming online', async () => {
    let online = false;
    const peer = await servePeer({
      'contacts.list': async () => [contact({ online })],
      'offers.list': async () => (online ? [offer()] : []),
      'offers.browse': async () => ({ entries: [], next: null }),
    });
    const running = peer.start('ls', 'ada/docs');
    await running.seen('stderr', /Waiting for ada …/);
    online = true;
    peer.peer.emit({ event: 'offer', subject: `${ada}/${offer().id}`, data: offer() });
    expect(await running.ended).toMatchObject({ code: 0, stdout: '' });
  });

  test('transfers cancel, retry and remove act on the transfer with that start of id', async () => {
    const cancel = noting(transfer({ state: 'cancelled' }));
    const retry = noting(transfer());
    const remove = noting({});
    const peer = await servePeer({
      ...everything,
      'transfers.cancel': cancel.handler,
      'transfers.retry': retry.handler,
      'transfers.remove': remove.handler,
      'transfers.list': async () => [
        transfer(),
        transfer({
          id: 'failed1',
          state: 'failed',
          error: { code: 'unshared', message: 'No longer\x1b shared.', hint: 'Ask.' },
        }),
      ],
    });
    expect((await peer.cli('transfers')).stdout).toMatch(
      /\nfailed1: No longer\ufffd shared\. Ask\.\n$/,
    );
    expect((await peer.cli('transfers', 'cancel', 't7q2')).stdout).toBe('Cancelled docs.\n');
    const retried = await peer.cli('transfers', 'retry', 't7q2', '--json');
    expect(parsed(TransferInfo, retried.stdout).id).toBe(transfer().id);
    expect((await peer.cli('transfers', 'remove', 't7q2')).stdout).toBe('Removed docs.\n');
    const wanted = [{ id: transfer().id }];
    expect([cancel.called, retry.called, remove.called]).toEqual([wanted, wanted, wanted]);
  });
});

test('names of others never reach the terminal with their control characters', async () => {
  const evil = '\x1b]0;owned\x07\x9b31m\u202eevil';
  const peer = await servePeer({
    'status.get': async () => ({ ...sampleStatus, name: evil }),
    'contacts.list': async () => [contact({ name: evil })],
    'links.list': async () => [
      {
        ...sampleLink,
        name: evil,
        remote: evil,
        paths: [
          { kind: 'udp', remote: evil, rttMs: 1, loss: 0, isNarrow: false, state: 'standby' },
        ],
      },
    ],
    'shares.list': async () => [share({ name: evil })],
    'offers.list': async () => [offer({ name: evil, peerName: evil })],
    'transfers.list': async () => [transfer({ shareName: evil, path: evil, peerName: evil })],
  });
  const commands = ['status', 'peers', 'links', 'shares', 'inbox', 'transfers'];
  const ended = await Promise.all([
    ...commands.flatMap((command) => [peer.cli(command), peer.cli(command, '--json')]),
    peer.cli('links', '--paths'),
  ]);
  for (const { code, stdout, stderr } of ended) {
    expect(code).toBe(0);
    expect(stdout).toContain('evil');
    expect(stdout + stderr).toMatch(/^[^\p{Cc}\u202e]*$/mu);
    expect(stdout + stderr).not.toMatch(/[\x1b\x07\x9b\u202e]/);
  }
});
