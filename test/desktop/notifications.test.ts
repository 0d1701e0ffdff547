import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Notice } from '../../main/api/contract.ts';
import { Notifier } from '../../main/desktop/notifications.ts';
import { record, resetElectron } from './electron-stub.ts';

function notice(kind: Notice['kind'], more: Partial<Notice> = {}): Notice {
  return { kind, title: 'Title', body: 'Body', peer: null, transfer: null, ...more };
}

function newNotifier(platform: NodeJS.Platform = 'linux') {
  const open = vi.fn();
  const surroundings = { isWatching: false, now: 0 };
  const notifier = new Notifier({
    open,
    isWatching: () => surroundings.isWatching,
    platform,
    now: () => surroundings.now,
  });
  return { notifier, open, surroundings };
}

beforeEach(resetElectron);

describe('notifications', () => {
  test.each([
    ['contact-request', 'peers'],
    ['contact-accepted', 'peers'],
    ['download-done', 'files/transfers'],
    ['download-failed', 'files/transfers'],
    ['warning', undefined],
  ] as const)('notifications - a click on %s opens %s', (kind, screen) => {
    const { notifier, open } = newNotifier();
    notifier.show(notice(kind));
    expect(record.notifications[0]?.shown).toBe(true);
    expect(open).not.toHaveBeenCalled();
    record.notifications[0]?.emit('click', {});
    expect(open).toHaveBeenCalledExactlyOnceWith(screen);
  });

  test('notifications - none while the person looks at the window, which shows the notice itself', () => {
    const { notifier, surroundings } = newNotifier();
    surroundings.isWatching = true;
    notifier.show(notice('download-done'));
    expect(record.notifications).toEqual([]);
  });

  test('notifications - none where the system has none', () => {
    record.canNotify = false;
    newNotifier().notifier.show(notice('download-done'));
    expect(record.notifications).toEqual([]);
  });

  test('notifications - a flood is cut, and ends', () => {
    const { notifier, surroundings } = newNotifier();
    for (let count = 0; count < 100; count += 1) notifier.show(notice('contact-request'));
    expect(record.notifications).toHaveLength(5);
    surroundings.now = 10_001;
    notifier.show(notice('contact-request'));
    expect(record.notifications).toHaveLength(6);
  });

  test('notifications - a name from elsewhere is no markup, no control, and no wall of text', () => {
    const title = '<a href="https://evil">Ada</a> & \u0000\n\u202eevil';
    newNotifier('linux').notifier.show(notice('contact-request', { title, body: 'x'.repeat(900) }));
    const { options } = record.notifications[0] ?? {};
    expect(options?.title).toBe('‹a href="https://evil"›Ada‹/a› ＆ evil');
    expect(options?.body).toHaveLength(300);
    newNotifier('darwin').notifier.show(notice('contact-request', { title: 'Tom & <Ada>' }));
    expect(record.notifications[1]?.options.title).toBe('Tom & <Ada>');
  });
});
