import { beforeEach, describe, expect, test, vi } from 'vitest';
import { askPassphrase } from '../../main/desktop/passphrase-window.ts';
import { app, invokeFrom, ipcRenderer, record, resetElectron } from './electron-stub.ts';

const asked = (): string => {
  const url = record.windows[0]?.webContents.getURL() ?? '';
  return new URL(url).searchParams.get('ask') ?? '';
};
const type = (entry: unknown): Promise<unknown> => ipcRenderer.invoke('skerry:passphrase', entry);

beforeEach(async () => {
  resetElectron();
  await app.whenReady();
});

describe('passphrase window', () => {
  test('passphrase window - is as closed as the main one, with its own preload', async () => {
    const answer = askPassphrase('open');
    expect(record.windows[0]?.options.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      devTools: false,
      preload: expect.stringMatching(/passphrase\.cjs$/),
    });
    await type({ passphrase: 'x' });
    expect(await answer).toBe('x');
  });

  test('passphrase window - takes what is typed as it is and goes away', async () => {
    const answer = askPassphrase('open');
    await type({ passphrase: '  spaces count  ' });
    expect(await answer).toBe('  spaces count  ');
    expect(record.windows[0]?.isDestroyed()).toBe(true);
    expect(record.handlers.size).toBe(0);
  });

  test('passphrase window - a new passphrase is typed twice alike and is not short', async () => {
    const answer = askPassphrase('new');
    await type({ passphrase: 'correct horse', again: 'correct house' });
    expect(asked()).toBe('differ');
    await type({ passphrase: 'correct horse' });
    expect(asked()).toBe('differ');
    await type({ passphrase: 'short', again: 'short' });
    expect(asked()).toBe('short');
    await type({ passphrase: 'correct horse', again: 'correct horse' });
    expect(await answer).toBe('correct horse');
  });

  test('passphrase window - the passphrase never stands in an address', async () => {
    const answer = askPassphrase('new');
    await type({ passphrase: 'correct horse', again: 'another horse' });
    expect(record.windows[0]?.webContents.getURL()).toBe(
      'skerry-app://passphrase/index.html?ask=differ',
    );
    record.windows[0]?.destroy();
    await answer;
  });

  test('passphrase window - closing it, or its crash, is giving up', async () => {
    const closed = askPassphrase('open');
    record.windows[0]?.close();
    expect(await closed).toBeUndefined();
    const crashed = askPassphrase('open');
    record.windows[1]?.webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(await crashed).toBeUndefined();
  });

  test('passphrase window - nobody else can answer', async () => {
    const answer = askPassphrase('open');
    const frame = { url: 'skerry-app://ui/index.html', parent: null };
    const entry = { passphrase: 'x' };
    await expect(invokeFrom({}, frame, 'skerry:passphrase', entry)).rejects.toThrow('refused');
    await expect(type({ passphrase: 'x'.repeat(2000) })).rejects.toThrow('not of its form');
    await expect(type('x')).rejects.toThrow('not of its form');
    record.windows[0]?.close();
    expect(await answer).toBeUndefined();
  });

  test('passphrase window - its preload reads the form, and keeps the page from sending it', async () => {
    let submit: ((event: unknown) => void) | undefined;
    vi.stubGlobal('document', {
      addEventListener: (_name: string, listener: (event: unknown) => void) => (submit = listener),
    });
    try {
      await import('../../preload/passphrase.ts');
    } finally {
      vi.unstubAllGlobals();
    }
    const fields = new Map([
      ['passphrase', { value: 'correct horse' }],
      ['again', { value: 'correct horse' }],
    ]);
    const preventDefault = vi.fn();
    const form = { elements: { namedItem: (name: string) => fields.get(name) ?? null } };
    const answer = askPassphrase('new');
    submit?.({ target: form, preventDefault });
    expect(await answer).toBe('correct horse');
    expect(preventDefault).toHaveBeenCalledTimes(1);
    const opened = askPassphrase('open');
    fields.delete('again');
    submit?.({ target: form, preventDefault });
    expect(await opened).toBe('correct horse');
  });
});
