import { beforeEach, describe, expect, test, vi } from 'vitest';
import { AppTray, type TrayState } from '../../main/desktop/tray.ts';
import { record, resetElectron } from './electron-stub.ts';

function newTray(platform: NodeJS.Platform = 'linux') {
  const actions = { open: vi.fn(), pause: vi.fn(), resume: vi.fn(), quit: vi.fn() };
  const tray = new AppTray(actions, platform);
  const stub = record.trays[0];
  if (stub === undefined) throw new Error('no tray');
  return { actions, tray, stub };
}

beforeEach(resetElectron);

describe('tray', () => {
  test('tray - offers to open, to pause and to quit', () => {
    const { actions, tray, stub } = newTray();
    tray.show('running');
    for (const label of ['Open Skerry', 'Pause', 'Quit Skerry']) stub.menu.press(label);
    expect([actions.open, actions.pause, actions.quit].map((fn) => fn.mock.calls.length)).toEqual([
      1, 1, 1,
    ]);
    expect(actions.resume).not.toHaveBeenCalled();
  });

  test('tray - a paused peer can be resumed', () => {
    const { actions, tray, stub } = newTray();
    tray.show('paused');
    expect(stub.toolTip).toBe('Skerry is paused');
    stub.menu.press('Resume');
    expect(actions.resume).toHaveBeenCalledTimes(1);
    tray.show('running');
    expect(() => stub.menu.item('Resume')).toThrow();
  });

  test.each<[TrayState, string, boolean]>([
    ['starting', 'Skerry is starting', true],
    ['failed', 'Skerry has stopped', true],
    ['stopping', 'Skerry is stopping', false],
  ])('tray - while %s there is nothing to pause', (state, toolTip, canQuit) => {
    const { actions, tray, stub } = newTray();
    tray.show(state);
    expect(stub.toolTip).toBe(toolTip);
    stub.menu.press('Pause');
    stub.menu.press('Quit Skerry');
    expect(actions.pause).not.toHaveBeenCalled();
    expect(actions.quit).toHaveBeenCalledTimes(canQuit ? 1 : 0);
  });

  test('tray - a click opens the window, but on macOS the menu, with a stencil for an icon', () => {
    const { actions, stub } = newTray('win32');
    stub.emit('click');
    expect(actions.open).toHaveBeenCalledTimes(1);
    resetElectron();
    const mac = newTray('darwin');
    mac.stub.emit('click');
    expect(mac.actions.open).not.toHaveBeenCalled();
    expect(mac.stub.image).toMatchObject({ path: expect.stringMatching(/trayTemplate\.png$/) });
  });
});
