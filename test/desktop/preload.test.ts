import { join } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { workerEntry } from '../../main/base/worker-entry.ts';
import { LinkInbox } from '../../main/desktop/links.ts';
import { answerPage } from '../../main/desktop/page-calls.ts';
import { PeerHost } from '../../main/desktop/peer-host.ts';
import { connectPort } from '../../main/desktop/port-client.ts';
import { MainWindow } from '../../main/desktop/window.ts';
import type { SkerryBridge } from '../../preload/preload.ts';
import { app, record } from './electron-stub.ts';
import { makeHome, script } from './support/homes.ts';
import { until } from './support/until.ts';

const LINK = 'skerry://invite/AbC';

// One page for all: a preload is loaded once.
const home = makeHome();
const host = new PeerHost(workerEntry(import.meta.url, './fixtures/scripted-thread'));
const links = new LinkInbox();
const postMessage = vi.fn<(data: string, origin: string, ports: MessagePort[]) => void>();
const start = () => host.start({ home: home.path, protection: { kind: 'key-file', path: 'k' } });
let bridge: SkerryBridge;

beforeAll(async () => {
  script(home.path, 'run');
  vi.stubGlobal('window', { postMessage });
  vi.stubGlobal('location', { origin: 'skerry-app://ui' });
  await app.whenReady();
  const window = new MainWindow({
    dev: false,
    onPageGone: () => links.pause(),
    onCrash: () => undefined,
  });
  answerPage({ window, host, links });
  window.show();
  await import('../../preload/preload.ts');
  bridge = (record.bridge as { api: SkerryBridge }).api;
});

afterAll(async () => {
  vi.unstubAllGlobals();
  await host.stop(500);
  home.remove();
});

describe('preload', () => {
  test('preload - puts four names on window.skerry and nothing else', () => {
    expect(record.bridge).toMatchObject({ name: 'skerry' });
    expect(Object.keys(bridge).sort()).toEqual([
      'onDeepLink',
      'pickPaths',
      'platform',
      'requestPort',
    ]);
    expect(bridge.platform).toBe(process.platform);
  });

  test('preload - a port comes to the page alone, and speaks to the peer both ways', async () => {
    const requested = bridge.requestPort();
    await start();
    await requested;
    const [data, origin, ports] = await until('the port', () => postMessage.mock.calls[0]);
    expect([data, origin, ports.length]).toEqual(['skerry-port', 'skerry-app://ui', 1]);
    const client = connectPort(ports[0] as MessagePort);
    const seen: string[] = [];
    client.onEvent((event) => seen.push(event.event));
    expect((await client.call('status.get', {})).name).toBe('island');
    expect((await client.call('peer.pause', {})).state).toBe('paused');
    await until('the event', () => seen.includes('status'));
    client.close();
  });

  test('preload - the page’s port closes with the peer, and is refused while there is none', async () => {
    postMessage.mockClear();
    await bridge.requestPort();
    const [, , ports] = await until('the port', () => postMessage.mock.calls[0]);
    const client = connectPort(ports[0] as MessagePort);
    await host.stop(5_000);
    await expect(client.closed).rejects.toMatchObject({ code: 'connection-lost' });
    script(home.path, 'refuse');
    await expect(start()).rejects.toMatchObject({ code: 'home-in-use' });
    await expect(bridge.requestPort()).rejects.toThrow('The home is in use.');
  });

  test('preload - files and folders are chosen in the system’s own picker', async () => {
    record.picks.push(['/a', '/b'], ['/folder'], []);
    expect(await bridge.pickPaths('file')).toEqual(['/a', '/b']);
    expect(await bridge.pickPaths('folder')).toEqual(['/folder']);
    expect(await bridge.pickPaths('folder')).toEqual([]);
    expect(record.pickers.map(({ properties }) => properties)).toEqual([
      ['openFile', 'multiSelections'],
      ['openDirectory', 'createDirectory'],
      ['openDirectory', 'createDirectory'],
    ]);
    await expect(bridge.pickPaths('anything' as 'file')).rejects.toThrow('not of its form');
  });

  test('preload - a link that came early is delivered when the page listens, later ones at once', async () => {
    links.offer(LINK);
    const seen: string[] = [];
    const stop = bridge.onDeepLink((link) => seen.push(link));
    await until('the link', () => seen.length === 1);
    links.offer('skerry://invite/next');
    expect(seen).toEqual([LINK, 'skerry://invite/next']);
    stop();
    links.offer('skerry://invite/last');
    expect(seen).toHaveLength(2);
  });
});

describe('preload build', () => {
  test('preload build - its sources import nothing but electron', async () => {
    const { readFile } = await import('node:fs/promises');
    for (const name of ['preload.ts', 'passphrase.ts']) {
      const text = await readFile(join(import.meta.dirname, '../../preload', name), 'utf8');
      const imports = [...text.matchAll(/from '([^']+)'/g)].map((match) => match[1]);
      expect(imports).toEqual(['electron']);
    }
  });
});
