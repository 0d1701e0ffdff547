import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type * as Stub from './electron-stub.ts';
import { newHome, script } from './support/homes.ts';
import { until } from './support/until.ts';

const THREAD = new URL('./fixtures/scripted-thread.ts', import.meta.url);

/** Runs the entry with these arguments, as Electron would, and returns what its stub of Electron saw. */
async function startApp(
  args: readonly string[],
  prepare: (electron: typeof Stub) => void = () => undefined,
) {
  vi.resetModules();
  // The entry names the peer's thread by its own place; the tests put a scripted one there.
  vi.doMock('../../main/base/worker-entry.ts', () => ({ workerEntry: () => THREAD }));
  const argv = process.argv;
  const electron = await import('./electron-stub.ts');
  prepare(electron);
  process.argv = ['/opt/Skerry/skerry', ...args];
  onTestFinished(async () => {
    process.argv = argv;
    if (electron.record.exitCodes.length > 0) return;
    electron.app.quit();
    await until('the exit', () => electron.record.exitCodes.length > 0);
  });
  await import('../../main/main.ts');
  return electron;
}

beforeEach(() => {
  vi.unstubAllGlobals();
});

describe('desktop entry', () => {
  test('desktop entry - sandbox, name, data folder, scheme and links are set before the app is ready', async () => {
    const home = newHome();
    script(home, 'run');
    const { record } = await startApp([`--home=${home}`, '--hidden'], ({ app }) => {
      vi.spyOn(app, 'whenReady').mockReturnValue(new Promise(() => undefined));
    });
    await until('the start', () => record.protocolClients.length > 0);
    expect(record.ready).toBe(false);
    expect(record.calls).toContain('enableSandbox');
    expect(record.calls).toContain('setName Skerry');
    expect(record.schemes).toHaveLength(1);
    expect(record.protocolClients).toEqual([['skerry']]);
    expect(record.paths.get('userData')).toBe(join(home, 'desktop'));
  });

  test('desktop entry - from a checkout links start Electron with the checkout', async () => {
    const home = newHome();
    script(home, 'run');
    Object.assign(process, { defaultApp: true });
    onTestFinished(() => void Reflect.deleteProperty(process, 'defaultApp'));
    const { record } = await startApp(['/opt/checkout', `--home=${home}`, '--hidden']);
    await until('the tray', () => record.trays[0]?.toolTip === 'Skerry');
    expect(record.protocolClients).toEqual([['skerry', process.execPath, ['/opt/checkout']]]);
  });

  test('desktop entry - starts the peer and stays in the tray with --hidden', async () => {
    const home = newHome();
    script(home, 'run');
    const { record } = await startApp([`--home=${home}`, '--hidden']);
    await until('the tray', () => record.trays[0]?.toolTip === 'Skerry');
    expect(record.windows).toEqual([]);
  });

  test('desktop entry - the link that the app was started for reaches the page', async () => {
    const home = newHome();
    script(home, 'run');
    const link = 'skerry://invite/AbC';
    const { record, ipcRenderer } = await startApp([`--home=${home}`, link]);
    await until('the window', () => record.windows[0]?.visible);
    await ipcRenderer.invoke('skerry:listen-links');
    expect(record.windows[0]?.webContents.sent).toEqual([['skerry:link', link]]);
  });

  test('desktop entry - a second instance leaves at once and touches nothing', async () => {
    const home = newHome();
    const { record } = await startApp([`--home=${home}`], (electron) => {
      electron.record.hasLock = false;
    });
    await until('the exit', () => record.exitCodes.length > 0);
    expect(record.exitCodes).toEqual([0]);
    expect([record.protocolClients, record.trays, record.windows]).toEqual([[], [], []]);
    expect(existsSync(join(home, 'keys'))).toBe(false);
  });

  test('desktop entry - an option it cannot use is told of before anything starts', async () => {
    const { record } = await startApp(['--home=']);
    await until('the exit', () => record.exitCodes.length > 0);
    expect(record.exitCodes).toEqual([1]);
    expect(record.errorBoxes).toEqual([
      {
        title: 'Skerry cannot start',
        content: expect.stringMatching(/needs a folder\.\n\n.*--hidden/),
      },
    ]);
    expect(record.trays).toEqual([]);
  });
});
