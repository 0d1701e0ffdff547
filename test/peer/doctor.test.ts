import { afterEach, describe, expect, test } from 'vitest';
import type { Contact, PeerKey, Way } from '../../main/identity/types.ts';
import { LinkError } from '../../main/link/errors.ts';
import type { LinkInfo } from '../../main/link/types.ts';
import type { MappingState } from '../../main/link/udp/port-mapping.ts';
import type { StunServerStatus } from '../../main/link/udp/stun-server.ts';
import { diagnose, type DoctorOptions } from '../../main/peer/doctor.ts';
import type { Finding } from '../../main/peer/finding.ts';
import { startNatsServer } from '../support/nats-server.ts';
import { introduce, TestPeers, until } from './peers-support.ts';

const KEY = 'ACONTACT';
const ADDRESS: Way = { kind: 'udp', host: '192.0.2.7', port: 4711 };

function doctor(change: Partial<DoctorOptions> = {}): DoctorOptions {
  return {
    udpEnabled: () => true,
    udp: () => ['192.0.2.1:5000', '127.0.0.1:5000'],
    outside: () => undefined,
    deployments: () => [],
    contactOf: (key) => contactOf(key, 'accepted'),
    waysOf: () => [ADDRESS],
    isPaused: () => false,
    links: {
      get: () => undefined,
      attempts: () => [],
      connect: () => Promise.reject(new LinkError('no-answer', 'Nothing answered.')),
    },
    now: () => 1_000,
    ...change,
  };
}

function contactOf(key: PeerKey, state: Contact['state']): Contact | undefined {
  return key === KEY
    ? { key, name: 'Ada', state, ways: [], addedAt: 1, lastSeenAt: null, relay: false }
    : undefined;
}

describe('doctor', () => {
  test('a computer without a network, a server that refuses, a pause: each is named with what to do', async () => {
    const { self, contact } = await diagnose(
      doctor({
        udp: () => ['127.0.0.1:5000'],
        isPaused: () => true,
        deployments: () => [
          {
            server: 'nats://demo:4222',
            prefix: 'skerry',
            state: 'refused',
            error: { code: 'nats-permission', message: 'It may not publish.', hint: 'Allow it.' },
          },
        ],
      }),
    );
    expect(contact).toEqual([]);
    expect(self).toEqual([
      { subject: 'This peer', state: 'wrong', says: expect.any(String), advice: 'Resume it.' },
      {
        subject: 'UDP port',
        state: 'wrong',
        says: 'This computer has no network.',
        advice: expect.stringContaining('Wi-Fi') as string,
      },
      {
        subject: 'nats://demo:4222',
        state: 'wrong',
        says: 'It may not publish.',
        advice: 'Allow it.',
      },
    ]);
  });

  test('what routers say of the port, each with what to do', async () => {
    const mapped = { host: '203.0.113.7', port: 5000, protocol: 'UPnP' } as const;
    const findings = async (portMapping: MappingState): Promise<Finding[]> => {
      const { self } = await diagnose(doctor({ outside: () => ({ portMapping, stun: [] }) }));
      return self.filter(({ subject }) => subject === 'Port mapping');
    };
    expect(await findings({ state: 'off' })).toEqual([]);
    expect(await findings({ state: 'looking' })).toMatchObject([{ state: 'note' }]);
    expect(await findings({ state: 'not-needed' })).toMatchObject([{ state: 'ok' }]);
    expect(await findings({ state: 'mapped', ...mapped })).toMatchObject([
      { state: 'ok', says: 'Mapped at 203.0.113.7:5000 by UPnP.' },
    ]);
    expect(await findings({ state: 'no-router' })).toMatchObject([
      {
        state: 'note',
        says: 'No router answered.',
        advice: expect.stringContaining('UPnP') as string,
      },
    ]);
    expect(await findings({ state: 'private', host: '10.0.0.2' })).toMatchObject([
      { state: 'note', says: expect.stringContaining('10.0.0.2') as string },
    ]);
    expect(await findings({ state: 'refused', reason: 'Not Authorized' })).toMatchObject([
      { state: 'wrong', says: 'The router refused: Not Authorized.' },
    ]);
  });

  test('what each STUN server says', async () => {
    const server = 'stun.example.com:3478';
    const finding = async (
      state: StunServerStatus['state'],
      seenAs: string[] = [],
    ): Promise<Finding | undefined> => {
      const stun = [{ server, state, seenAs }];
      const outside = { portMapping: { state: 'off' }, stun } as const;
      const { self } = await diagnose(doctor({ outside: () => outside }));
      return self.find(({ subject }) => subject === `STUN ${server}`);
    };
    expect(await finding('asking')).toMatchObject({ state: 'note' });
    expect(await finding('answers', ['203.0.113.7:5000', '[2001:db8::7]:5000'])).toMatchObject({
      state: 'ok',
      says: 'It sees this peer at 203.0.113.7:5000 and [2001:db8::7]:5000.',
    });
    for (const state of ['silent', 'refuses', 'unknown-name'] as const) {
      const found = await finding(state);
      expect(found).toMatchObject({ state: 'wrong' });
      expect(found?.advice).toContain('udp.stun');
    }
  });

  test('what each way came to, and what to do about it', async () => {
    const other: Way = { kind: 'nats', server: 'nats://demo:4222', prefix: 'skerry' };
    const { contact } = await diagnose(
      doctor({
        waysOf: () => [ADDRESS, other, { ...ADDRESS, port: 1 }],
        links: {
          get: () => undefined,
          connect: () => Promise.resolve(),
          attempts: () => [
            { way: ADDRESS, at: 2_000, ms: 5_000, error: new LinkError('no-answer', 'Silence.') },
            {
              way: other,
              at: 2_000,
              ms: 40,
              error: new LinkError('refused-clock-skew', 'Clocks are 5 minutes apart.'),
            },
          ],
        },
      }),
      KEY,
    );
    expect(contact).toMatchObject([
      { subject: 'udp 192.0.2.7:4711', state: 'wrong', says: 'Silence.' },
      { subject: 'nats nats://demo:4222', state: 'wrong', says: 'Clocks are 5 minutes apart.' },
      { subject: 'udp 192.0.2.7:1', state: 'note' },
    ]);
    expect(contact[0]?.advice).toContain('firewall');
    expect(contact[1]?.advice).toContain('date and time');
  });

  test('the paths of a link, and what is the matter with one that drops long packets', async () => {
    const path = { kind: 'udp', rttMs: 3.25, loss: 0.01, isNarrow: false } as const;
    const link: LinkInfo = {
      peer: KEY,
      path: 'udp',
      remote: 'a',
      rttMs: 3.25,
      since: 1,
      sentBytes: 0,
      receivedBytes: 0,
      streams: 1,
      paths: [
        { ...path, remote: 'a', state: 'current' },
        { ...path, remote: 'b', state: 'standby', isNarrow: true },
        { ...path, remote: 'c', state: 'silent' },
      ],
    };
    const links = { get: () => link, attempts: () => [], connect: () => Promise.resolve() };
    const { contact } = await diagnose(doctor({ links }), KEY);
    expect(contact).toEqual([
      { subject: 'udp a', state: 'ok', says: 'In use: 3.3 ms, 1.0 % lost.', advice: null },
      {
        subject: 'udp b',
        state: 'note',
        says: expect.stringContaining('Would take over: 3.3 ms, 1.0 % lost. Long') as string,
        advice: expect.stringContaining('MTU') as string,
      },
      { subject: 'udp c', state: 'note', says: 'Does not answer.', advice: null },
    ]);
  });

  test('a contact that nobody can reach for a reason of state is not tried', async () => {
    const connect = (): never => {
      throw new Error('tried');
    };
    const links = { get: () => undefined, attempts: () => [], connect };
    for (const [state, advice] of [
      ['blocked', 'Accept them again'],
      ['requested', 'Accept their request'],
    ] as const) {
      const { contact } = await diagnose(
        doctor({ links, contactOf: (key) => contactOf(key, state) }),
        KEY,
      );
      expect(contact[0]?.advice).toContain(advice);
    }
    await expect(diagnose(doctor(), 'ANOBODY')).rejects.toMatchObject({ code: 'contact-unknown' });
    const { contact } = await diagnose(doctor({ waysOf: () => [] }), KEY);
    expect(contact).toMatchObject([{ says: 'No way to this contact is known.' }]);
  });
});

describe('doctor of real peers', () => {
  const open: AsyncDisposable[] = [];
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
  });

  test('shows the paths of a link, and why a stopped contact does not answer', async () => {
    const server = await startNatsServer();
    open.push(server);
    const peers = new TestPeers();
    open.push(peers);
    const config = { nats: [{ server: server.url, prefix: 'skerry' }] };
    const [ada, bob] = [await peers.start('ada', config), await peers.start('bob', config)];
    await introduce(ada, bob);
    const linked = await ada.diagnose(bob.key);
    expect(linked.self.map(({ state }) => state)).toEqual(['ok', 'ok']);
    expect(linked.contact.filter(({ says }) => says.startsWith('In use'))).toHaveLength(1);
    await bob.stop();
    await until(() => ada.links.get(bob.key) === undefined, 'the end of the link');
    const { contact } = await ada.diagnose(bob.key);
    expect(contact.map(({ subject }) => subject)).toContain(`nats ${server.url}`);
    const nats = contact.find(({ subject }) => subject.startsWith('nats '));
    expect(nats).toMatchObject({
      state: 'wrong',
      says: expect.stringContaining('not connected') as string,
    });
  });
});
