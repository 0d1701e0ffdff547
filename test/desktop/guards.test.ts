import { BrowserWindow, session } from 'electron';
import { beforeEach, describe, expect, test } from 'vitest';
import { guardAllPages, guardSession, isSafeOutside } from '../../main/desktop/guards.ts';
import { app, eventWith, record, resetElectron, session as stubSession } from './electron-stub.ts';

/** A page of any window, made after the guards were set. */
async function page() {
  await app.whenReady();
  guardAllPages();
  new BrowserWindow({});
  const contents = record.windows[0]?.webContents;
  if (contents === undefined) throw new Error('no window');
  return contents;
}

beforeEach(resetElectron);

describe('guards', () => {
  test('guards - no page opens a window; an https link goes to the browser', async () => {
    const contents = await page();
    const open = (url: string) =>
      contents.openHandler?.({ url } as Parameters<NonNullable<typeof contents.openHandler>>[0]);
    expect(open('https://example.org/a')).toEqual({ action: 'deny' });
    expect(open('file:///etc/passwd')).toEqual({ action: 'deny' });
    expect(open('skerry-app://ui/index.html')).toEqual({ action: 'deny' });
    expect(record.opened).toEqual(['https://example.org/a']);
  });

  test.each(['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'])(
    'guards - %s is denied',
    async (name) => {
      const event = eventWith({ url: 'http://127.0.0.1:1/' });
      (await page()).emit(name, event, 'http://127.0.0.1:1/');
      expect(event.defaultPrevented).toBe(true);
      expect(record.opened).toEqual([]);
    },
  );

  test('guards - navigating to an https link opens the browser once and leaves the page', async () => {
    const contents = await page();
    const url = 'https://example.org/';
    const events = [eventWith({ url }), eventWith({ url })] as const;
    contents.emit('will-frame-navigate', events[0]);
    contents.emit('will-navigate', events[1], url);
    expect(events.map((event) => event.defaultPrevented)).toEqual([true, true]);
    expect(record.opened).toEqual([url]);
  });

  test.each([
    ['https://example.org/path?query#part', true],
    ['http://example.org/', false],
    ['https://user:pass@example.org/', false],
    ['https://example.org@evil.example/', false],
    ['file:///etc/passwd', false],
    ['javascript:alert(1)', false],
    ['data:text/html,x', false],
    ['smb://server/share', false],
    ['ms-settings:', false],
    ['vscode://x', false],
    ['skerry://invite/a', false],
    ['\\\\server\\share', false],
    ['not a link', false],
    [`https://example.org/${'a'.repeat(3000)}`, false],
  ])('guards - %s may leave for the browser: %s', (url, allowed) => {
    expect(isSafeOutside(url)).toBe(allowed);
  });

  const permissions = [
    'media',
    'display-capture',
    'geolocation',
    'notifications',
    'clipboard-read',
    'openExternal',
    'fileSystem',
    'hid',
    'serial',
    'usb',
    'midi',
    'pointerLock',
    'fullscreen',
    'idle-detection',
    'local-network-access',
    'unknown',
  ] as const;

  test('guards - every permission is denied, asked for or checked', () => {
    guardSession(session.defaultSession);
    const answers: boolean[] = [];
    const details = { requestingUrl: 'skerry-app://ui/index.html', isMainFrame: true };
    for (const permission of permissions) {
      record.permissionRequest?.(null as never, permission, (ok) => answers.push(ok), details);
      answers.push(record.permissionCheck?.(null, permission, 'skerry-app://ui', details) ?? true);
    }
    expect(answers).toEqual(answers.map(() => false));
    expect(answers).toHaveLength(2 * permissions.length);
    expect(record.devicePermission?.({} as never)).toBe(false);
  });

  test('guards - copying a text is allowed to the app’s own page alone', () => {
    guardSession(session.defaultSession);
    const ask = (requestingUrl: string): boolean[] => {
      const answers: boolean[] = [];
      const details = { requestingUrl, isMainFrame: true };
      const permission = 'clipboard-sanitized-write';
      record.permissionRequest?.(null as never, permission, (ok) => answers.push(ok), details);
      answers.push(record.permissionCheck?.(null, permission, requestingUrl, details) ?? true);
      return answers;
    };
    expect(ask('skerry-app://ui/')).toEqual([true, true]);
    expect(ask('skerry-app://passphrase/')).toEqual([false, false]);
    expect(ask('https://example.org/')).toEqual([false, false]);
    expect(ask('')).toEqual([false, false]);
  });

  test('guards - pages load the app’s files and nothing from any network', () => {
    guardSession(session.defaultSession);
    const cancels = (url: string): boolean | undefined => {
      let answer: boolean | undefined;
      const listener = record.beforeRequest as (
        details: { url: string },
        callback: (response: { cancel?: boolean }) => void,
      ) => void;
      listener({ url }, ({ cancel }) => (answer = cancel));
      return answer;
    };
    expect(cancels('skerry-app://ui/assets/main.js')).toBe(false);
    expect(cancels('blob:skerry-app://ui/1')).toBe(false);
    for (const url of [
      'https://example.org/',
      'http://127.0.0.1:80/',
      'ws://a/',
      'file:///x',
      'x',
    ]) {
      expect(cancels(url)).toBe(true);
    }
  });

  test('guards - a page cannot start a download', () => {
    guardSession(session.defaultSession);
    const event = eventWith({});
    stubSession.defaultSession.emit('will-download', event);
    expect(event.defaultPrevented).toBe(true);
  });
});
