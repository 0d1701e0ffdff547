import { BrowserWindow } from 'electron';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { workerEntry } from '../../main/base/worker-entry.ts';
import { Desktop, STOP_LIMIT_MS } from '../../main/desktop/app.ts';
import { openIdentity } from '../../main/identity/open-identity.ts';
import { app, eventWith, ipcRenderer, record, resetElectron } from './electron-stub.ts';
import type { Behaviour } from './fixtures/scripted-thread.ts';
import { newHome, script } from './support/homes.ts';
import { until } from './support/until.ts';

const LINK = 'skerry://invite/AbC';

interface Start {
  readonly behaviour?: Behaviour;
  readonly hidden?: boolean;
  readonly link?: string;
  readonly home?: string;
}

function newDesktop({ behaviour = 'run', hidden = false, link, home = newHome() }: Start = {}) {
  script(home, behaviour);
  return new Desktop(
    { home, hidden, link },
    {
      platform: 'linux',
      dev: false,
      peerThread: workerEntry(import.meta.url, './fixtures/scripted-thread'),
      stopLimitMs: 300,
    },
  );
}

async function run(start: Start = {}) {
  const desktop = newDesktop(start);
  await app.whenReady();
  await desktop.run();
  const tray = record.trays[0];
  if (tray === undefined) throw new Error('no tray');
  return { desktop, tray, window: () => record.windows[0] };
}

/** What the page was sent as links. */
const linksSent = () =>
  record.windows.flatMap(({ webContents }) =>
    webContents.sent.filter(([name]) => name === 'skerry:link'),
  );

beforeEach(resetElectron);

afterEach(async () => {
  if (record.trays.length === 0) return;
  app.quit();
  await until('the exit', () => record.exitCodes.length > 0);
});

describe('desktop start', () => {
  test('desktop start - shows tray and window, and the tray says how the peer is', async () => {
    const { tray, window } = await run();
    await until('the window', () => window()?.visible);
    await until('the state', () => tray.toolTip === 'Skerry');
    expect(record.boxes).toEqual([]);
  });

  test('desktop start - hidden there is the tray alone, until it is asked to open', async () => {
    const { tray, window } = await run({ hidden: true });
    app.emit('window-all-closed');
    expect(record.windows).toEqual([]);
    tray.menu.press('Open Skerry');
    await until('the window', () => window()?.visible);
    expect(record.exitCodes).toEqual([]);
  });

  test('desktop start - macOS activates at the first start too, where hidden decides', async () => {
    const desktop = newDesktop({ hidden: true });
    await app.whenReady();
    app.emit('activate');
    await desktop.run();
    expect(record.windows).toEqual([]);
    app.emit('activate');
    expect(record.windows).toHaveLength(1);
  });

  test('desktop start - guards stand before the first page', async () => {
    await run();
    expect(record.permissionCheck).toBeTypeOf('function');
    expect(record.beforeRequest).toBeTypeOf('function');
    expect(record.windows[0]?.webContents.openHandler).toBeTypeOf('function');
    new BrowserWindow({});
    expect(record.windows[1]?.webContents.openHandler).toBeTypeOf('function');
  });

  test('desktop start - a refused start is told of, and quitting then quits', async () => {
    record.presses.push(1);
    await run({ behaviour: 'refuse' });
    expect(record.boxes[0]).toMatchObject({
      type: 'error',
      message: 'Skerry cannot start',
      detail: 'The home is in use.\n\nStop the other.',
      buttons: ['Try again', 'Quit'],
    });
    await until('the exit', () => record.exitCodes.length > 0);
    expect(record.windows).toEqual([]);
  });

  test('desktop start - a wrong passphrase is asked for again until it opens the keys', async () => {
    const home = newHome();
    await openIdentity({ home, protection: { kind: 'passphrase', passphrase: 'x' } });
    const started = run({ behaviour: 'locked', home });
    const ask = (at: number) =>
      until('the question', () => {
        const url = record.windows[at]?.webContents.getURL();
        return url !== undefined && new URL(url).searchParams.get('ask');
      });
    expect(await ask(0)).toBe('open');
    await ipcRenderer.invoke('skerry:passphrase', { passphrase: 'wrong' });
    expect(await ask(1)).toBe('wrong');
    await ipcRenderer.invoke('skerry:passphrase', { passphrase: 'correct horse battery' });
    await started;
    expect(record.windows[2]?.webContents.getURL()).toBe('skerry-app://ui/index.html');
    expect(record.boxes).toEqual([]);
  });

  test('desktop start - without a safe place for the key and without an answer the app quits', async () => {
    record.storage.backend = 'basic_text';
    record.presses.push(2);
    await run();
    await until('the exit', () => record.exitCodes.length > 0);
    expect(record.windows).toEqual([]);
  });
});

describe('desktop links', () => {
  test('desktop links - the one the app was started with waits for the page, and is only shown', async () => {
    await run({ hidden: true, link: LINK });
    expect(record.windows).toHaveLength(1);
    await ipcRenderer.invoke('skerry:listen-links');
    expect(linksSent()).toEqual([['skerry:link', LINK]]);
  });

  test('desktop links - a second start brings the window up and hands its link over', async () => {
    const { window } = await run({ hidden: true });
    app.emit('second-instance', {}, ['/opt/skerry', '--hidden', LINK], '/');
    await until('the window', () => window()?.visible);
    await ipcRenderer.invoke('skerry:listen-links');
    window()?.close();
    app.emit('second-instance', {}, ['/opt/skerry'], '/');
    expect([window()?.visible, window()?.focused]).toEqual([true, true]);
    expect(linksSent()).toEqual([['skerry:link', LINK]]);
  });

  test('desktop links - macOS hands them over at any time, also before the app is ready', async () => {
    const desktop = newDesktop({ hidden: true });
    const event = eventWith({});
    app.emit('open-url', event, LINK);
    await app.whenReady();
    await desktop.run();
    await ipcRenderer.invoke('skerry:listen-links');
    app.emit('open-url', eventWith({}), 'skerry://invite/next');
    expect(event.defaultPrevented).toBe(true);
    expect(linksSent().map(([, link]) => link)).toEqual([LINK, 'skerry://invite/next']);
  });

  test('desktop links - a hostile one brings the window up and nothing else', async () => {
    await run({ hidden: true });
    app.emit('second-instance', {}, ['/opt/skerry', 'skerry://invite/a?add=now'], '/');
    app.emit('open-url', eventWith({}), 'skerry://settings/delete');
    await ipcRenderer.invoke('skerry:listen-links');
    expect(linksSent()).toEqual([]);
  });

  test('desktop links - a page that loads anew gets later links when it listens again', async () => {
    const { window } = await run();
    await ipcRenderer.invoke('skerry:listen-links');
    window()?.webContents.reload();
    app.emit('open-url', eventWith({}), LINK);
    expect(linksSent()).toEqual([]);
    await ipcRenderer.invoke('skerry:listen-links');
    expect(linksSent()).toHaveLength(1);
  });
});

describe('desktop tray and notifications', () => {
  test('desktop tray - pauses and resumes the peer', async () => {
    const { tray } = await run({ hidden: true });
    await until('running', () => tray.toolTip === 'Skerry');
    tray.menu.press('Pause');
    await until('paused', () => tray.toolTip === 'Skerry is paused');
    tray.menu.press('Resume');
    await until('running', () => tray.toolTip === 'Skerry');
  });

  test('desktop notifications - a notice of the peer is shown; a click opens its screen', async () => {
    const { tray, window } = await run({ behaviour: 'notices', hidden: true });
    await until('running', () => tray.toolTip === 'Skerry');
    tray.menu.press('Pause');
    const notification = await until('the notification', () => record.notifications[0]);
    expect(notification.options).toEqual({ title: 'A request', body: 'Ada asks to be a contact' });
    notification.emit('click', {});
    expect(window()?.webContents.getURL()).toBe('skerry-app://ui/index.html#/peers');
  });
});

describe('desktop end', () => {
  test('desktop end - quitting asks the peer to stop, and exits when it has', async () => {
    const { tray } = await run();
    tray.menu.press('Quit Skerry');
    expect(record.exitCodes).toEqual([]);
    expect(tray.toolTip).toBe('Skerry is stopping');
    app.quit();
    await until('the exit', () => record.exitCodes.length > 0);
    expect(record.exitCodes).toEqual([0]);
    expect(tray.destroyed).toBe(true);
  });

  test('desktop end - the system’s quit takes the same two steps', async () => {
    await run();
    const event = eventWith({});
    app.emit('before-quit', event);
    expect(event.defaultPrevented).toBe(true);
    await until('the exit', () => record.exitCodes.length > 0);
    expect(record.exitCodes).toEqual([0]);
  });

  test('desktop end - a peer that does not stop is not waited for longer than ten seconds', async () => {
    expect(STOP_LIMIT_MS).toBe(10_000);
    await run({ behaviour: 'deaf' });
    app.quit();
    await until('the exit', () => record.exitCodes.length > 0);
    expect(record.exitCodes).toEqual([0]);
  });

  test('desktop end - `skerry stop` quits the app', async () => {
    const { tray } = await run({ behaviour: 'wants-stop' });
    await until('running', () => tray.toolTip === 'Skerry');
    tray.menu.press('Pause');
    await until('the exit', () => record.exitCodes.length > 0);
    expect(record.exitCodes).toEqual([0]);
  });

  test('desktop end - a crash of the peer is told of; a restart loads the page anew', async () => {
    const { tray, window } = await run({ behaviour: 'crash' });
    await until('running', () => tray.toolTip === 'Skerry');
    record.presses.push(0);
    tray.menu.press('Pause');
    await until('the restart', () => window()?.webContents.reloads === 1);
    expect(record.boxes[0]).toMatchObject({
      type: 'error',
      message: 'The peer has stopped',
      detail: expect.stringContaining('out of luck'),
      buttons: ['Restart', 'Quit'],
    });
    await until('running', () => tray.toolTip === 'Skerry');
    expect(record.exitCodes).toEqual([]);
  });

  test('desktop end - after a crash of the peer the person may quit', async () => {
    const { tray } = await run({ behaviour: 'crash' });
    await until('running', () => tray.toolTip === 'Skerry');
    record.presses.push(1);
    tray.menu.press('Pause');
    await until('the exit', () => record.exitCodes.length > 0);
    expect(record.boxes).toHaveLength(1);
  });

  test('desktop end - a crash of the page is told of, and leaves the peer alone', async () => {
    const { tray, window } = await run();
    await until('running', () => tray.toolTip === 'Skerry');
    record.presses.push(0);
    window()?.webContents.emit('render-process-gone', {}, { reason: 'oom' });
    await until('the reload', () => window()?.webContents.reloads === 1);
    expect(record.boxes[0]?.detail).toContain('oom');
    expect(tray.toolTip).toBe('Skerry');
  });
});
