import { expect, test } from 'vitest';
import { defaultHome, type HomeSurroundings } from '../../main/peer/default-home.ts';

const cases: [string, HomeSurroundings['platform'], HomeSurroundings['env'], string][] = [
  ['SKERRY_HOME wins', 'linux', { SKERRY_HOME: '/srv/peer', XDG_DATA_HOME: '/x' }, '/srv/peer'],
  ['SKERRY_HOME wins on macOS', 'darwin', { SKERRY_HOME: '/srv/peer' }, '/srv/peer'],
  ['XDG_DATA_HOME', 'linux', { XDG_DATA_HOME: '/data' }, '/data/skerry'],
  [
    'a relative XDG_DATA_HOME does not count',
    'linux',
    { XDG_DATA_HOME: 'x' },
    '/u/.local/share/skerry',
  ],
  [
    'an empty one neither',
    'linux',
    { SKERRY_HOME: '', XDG_DATA_HOME: '' },
    '/u/.local/share/skerry',
  ],
  ['macOS', 'darwin', { XDG_DATA_HOME: '/data' }, '/u/Library/Application Support/Skerry'],
];

test.each(cases)('default home - %s', (_, platform, env, home) => {
  expect(defaultHome({ platform, env, userHome: '/u' })).toBe(home);
});

test('default home - Windows has it in the roaming application data', () => {
  const home = (env: HomeSurroundings['env']): string =>
    defaultHome({ platform: 'win32', env, userHome: 'C:/u' }).replaceAll('\\', '/');
  expect(home({ APPDATA: 'C:/u/AppData/Roaming' })).toBe('C:/u/AppData/Roaming/Skerry');
  expect(home({})).toBe('C:/u/AppData/Roaming/Skerry');
});
