import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { workerEntry } from '../../main/base/worker-entry.ts';
import { PeerHost, type PeerHostState } from '../../main/desktop/peer-host.ts';
import { connectPort } from '../../main/desktop/port-client.ts';
import type { ThreadOptions } from '../../main/peer-thread.ts';
import { newHome, script } from './support/homes.ts';
import { until } from './support/until.ts';

const SCRIPTED = workerEntry(import.meta.url, './fixtures/scripted-thread');
const REAL = workerEntry(import.meta.url, '../../main/peer-thread');

const hosts: PeerHost[] = [];
afterEach(async () => {
  for (const host of hosts.splice(0)) await host.stop(200);
});

function newHost(entry: URL) {
  const host = new PeerHost(entry);
  hosts.push(host);
  const states: PeerHostState[] = [];
  host.events.on('state', (state) => states.push(state));
  return { host, states };
}

function scripted(behaviour: Parameters<typeof script>[1]) {
  const home = newHome();
  script(home, behaviour);
  const options: ThreadOptions = { home, protection: { kind: 'key-file', path: join(home, 'k') } };
  return { ...newHost(SCRIPTED), options };
}

describe('peer host', () => {
  test('peer host - starts the peer, connects the shell, and stops in order', async () => {
    const { host, states, options } = scripted('run');
    const client = connectPort(await host.start(options));
    expect((await client.call('status.get', {})).name).toBe('island');
    expect(await host.stop(5_000)).toBe(true);
    expect(states).toEqual(['starting', 'running', 'stopping', 'stopped']);
    await expect(client.closed).rejects.toMatchObject({ code: 'connection-lost' });
    expect(await host.stop(5_000)).toBe(true);
  });

  test('peer host - events reach the shell', async () => {
    const { host, options } = scripted('run');
    const client = connectPort(await host.start(options));
    const seen: unknown[] = [];
    client.onEvent((event) => seen.push(event.event));
    await client.call('peer.pause', {});
    await until('the status event', () => seen.length > 0);
    expect(seen).toEqual(['status']);
  });

  test('peer host - a connection that is asked for early waits for the peer', async () => {
    const { host, options } = scripted('run');
    const early = host.connect();
    await host.start(options);
    const client = connectPort(await early);
    expect((await client.call('status.get', {})).state).toBe('running');
  });

  test('peer host - a refused start says why, with code and hint, and can be tried again', async () => {
    const { host, states, options } = scripted('refuse');
    const early = host.connect();
    const refusal = {
      code: 'home-in-use',
      message: 'The home is in use.',
      hint: 'Stop the other.',
    };
    const refused = expect(early).rejects.toMatchObject(refusal);
    await expect(host.start(options)).rejects.toMatchObject(refusal);
    await refused;
    await expect(host.connect()).rejects.toMatchObject(refusal);
    script(options.home, 'run');
    await host.start(options);
    expect(states).toEqual(['starting', 'failed', 'starting', 'running']);
  });

  test('peer host - a crash is told of, with what was thrown, and the peer can be started again', async () => {
    const { host, states, options } = scripted('crash');
    const client = connectPort(await host.start(options));
    const crashed = new Promise<unknown>((resolve) => host.events.on('failed', resolve));
    // The crash may come before the answer.
    client.call('peer.pause', {}).catch(() => undefined);
    expect(await crashed).toMatchObject({
      code: 'peer-thread-failed',
      message: expect.stringContaining('out of luck'),
      hint: expect.stringContaining('Restart'),
    });
    await expect(host.connect()).rejects.toMatchObject({ code: 'peer-thread-failed' });
    await host.start(options);
    expect(states).toEqual(['starting', 'running', 'failed', 'starting', 'running']);
  });

  test('peer host - a peer that does not stop is waited for only so long', async () => {
    const { host, options } = scripted('deaf');
    await host.start(options);
    expect(await host.stop(100)).toBe(false);
    expect(host.state).toBe('stopped');
  });

  test('peer host - a client that asks the peer to stop is passed on to the shell', async () => {
    const { host, options } = scripted('wants-stop');
    const client = connectPort(await host.start(options));
    const asked = new Promise<void>((resolve) => host.events.on('stop-requested', resolve));
    await client.call('peer.pause', {});
    await expect(asked).resolves.toBeUndefined();
  });

  test('peer host - a thread that cannot even load is a failed start', async () => {
    const { host } = newHost(workerEntry(import.meta.url, './fixtures/missing-thread'));
    const home = newHome();
    const options: ThreadOptions = {
      home,
      protection: { kind: 'key-file', path: join(home, 'k') },
    };
    await expect(host.start(options)).rejects.toMatchObject({ code: 'peer-thread-failed' });
  });

  test('peer host - the master key is moved to the thread, not copied', async () => {
    const { host, options } = scripted('run');
    const key = new Uint8Array(32).fill(7);
    await host.start({ ...options, protection: { kind: 'os', key } });
    expect(key).toHaveLength(0);
  });
});

describe('peer thread', () => {
  // Twice a whole peer is loaded from its sources, which takes seconds on a busy machine.
  test('peer thread - hosts a real peer: status, a second window, orders to stop, errors with their codes', async () => {
    const home = newHome();
    const { host } = newHost(REAL);
    const key = new Uint8Array(32).fill(9);
    const client = connectPort(await host.start({ home, protection: { kind: 'os', key } }));
    const status = await client.call('status.get', {});
    expect(status).toMatchObject({ home, keyProtection: 'os', ui: null, state: 'running' });
    const second = connectPort(await host.connect());
    expect((await second.call('status.get', {})).key).toBe(status.key);
    second.close();
    await expect(client.call('ui.open', {})).rejects.toMatchObject({ code: 'no-browser-ui' });
    const asked = new Promise<void>((resolve) => host.events.on('stop-requested', resolve));
    await client.call('peer.stop', {});
    await asked;
    expect(await host.stop(10_000)).toBe(true);
    await expect(client.closed).rejects.toMatchObject({ code: 'connection-lost' });
    const otherKey = new Uint8Array(32).fill(8);
    const refused = host.start({ home, protection: { kind: 'os', key: otherKey } });
    await expect(refused).rejects.toMatchObject({ code: 'keys-wrong-master' });
  }, 120_000);
});
