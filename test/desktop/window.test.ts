import { beforeEach, describe, expect, test, vi } from 'vitest';
import { setMenu } from '../../main/desktop/menu.ts';
import { MainWindow } from '../../main/desktop/window.ts';
import { app, record, resetElectron } from './electron-stub.ts';

function newWindow(dev = false) {
  const onPageGone = vi.fn();
  const onCrash = vi.fn();
  return { window: new MainWindow({ dev, onPageGone, onCrash }), onPageGone, onCrash };
}

function made() {
  const window = record.windows[0];
  if (window === undefined || record.windows.length > 1) throw new Error('not exactly one window');
  return window;
}

beforeEach(async () => {
  resetElectron();
  await app.whenReady();
});

describe('main window', () => {
  test('main window - has the sandbox, isolation and web security on, Node, webviews and spelling off', () => {
    newWindow().window.show();
    expect(made().options.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: false,
      preload: expect.stringMatching(/dist[\\/]preload[\\/]preload\.cjs$/),
    });
  });

  test('main window - developer tools exist in a checkout only', () => {
    newWindow(true).window.show();
    expect(made().options.webPreferences?.devTools).toBe(true);
    setMenu('linux', true);
    expect(JSON.stringify(record.applicationMenu?.template)).toContain('toggleDevTools');
    setMenu('linux', false);
    expect(record.applicationMenu).toBeNull();
  });

  test('menu - macOS has the roles that copying and pasting need', () => {
    setMenu('darwin', false);
    const roles = record.applicationMenu?.template.map((item) => item.role);
    expect(roles).toEqual(['appMenu', 'editMenu', 'windowMenu']);
  });

  test('main window - is not made before it is first shown, and comes up when it has something to show', async () => {
    const { window } = newWindow();
    expect(record.windows).toEqual([]);
    window.show();
    expect(made().visible).toBe(false);
    await Promise.resolve();
    expect(made().visible).toBe(true);
    expect(made().webContents.getURL()).toBe('skerry-app://ui/index.html');
  });

  test('main window - closing hides it, until the app quits', async () => {
    const { window } = newWindow();
    window.show();
    await Promise.resolve();
    made().close();
    expect([made().visible, made().isDestroyed()]).toEqual([false, false]);
    window.show();
    expect([made().visible, made().focused]).toEqual([true, true]);
    window.letClose();
    made().close();
    expect(made().isDestroyed()).toBe(true);
  });

  test('main window - showing brings a minimised one back', async () => {
    const { window } = newWindow();
    window.show();
    await Promise.resolve();
    made().minimized = true;
    window.show();
    expect(made().minimized).toBe(false);
  });

  test('main window - a screen is reached within the page, and not loaded twice', () => {
    const { window, onPageGone } = newWindow();
    window.show();
    const load = vi.spyOn(made(), 'loadURL');
    onPageGone.mockClear();
    window.show('files/transfers');
    window.show('files/transfers');
    expect(made().webContents.getURL()).toBe('skerry-app://ui/index.html#/files/transfers');
    expect(load).toHaveBeenCalledTimes(1);
    expect(onPageGone).not.toHaveBeenCalled();
  });

  test('main window - a page that loads anew, crashes or closes is told of; a clean exit is no crash', () => {
    const { window, onPageGone, onCrash } = newWindow();
    window.show();
    onPageGone.mockClear();
    window.reload();
    expect(onPageGone).toHaveBeenCalledTimes(1);
    made().webContents.emit('render-process-gone', {}, { reason: 'clean-exit' });
    expect(onCrash).not.toHaveBeenCalled();
    made().webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(onCrash).toHaveBeenCalledWith('crashed');
    window.letClose();
    made().close();
    expect(onPageGone).toHaveBeenCalledTimes(4);
  });
});
