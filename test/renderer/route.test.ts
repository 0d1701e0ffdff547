import { expect, test } from 'vitest';
import { tokenOf } from '../../renderer/src/api/session.ts';
import { formatRoute, parseRoute, sectionOf, type Route } from '../../renderer/src/state/route.ts';
import { keyOf } from './support/samples.ts';

const peer = keyOf('ANOUK');
const routes: Route[] = [
  { page: 'peers' },
  { page: 'add', invite: 'skerry://invite/a_b-c' },
  { page: 'contact', key: peer },
  { page: 'offers' },
  { page: 'browse', peer, share: 'o1', path: '' },
  { page: 'browse', peer, share: 'o/1', path: 'a b/100%/?#/é' },
  { page: 'shares' },
  { page: 'transfers' },
  { page: 'services' },
  { page: 'settings' },
];

test.each(routes)('route - $page survives the address bar', (route) => {
  expect(parseRoute(formatRoute(route))).toEqual(route);
});

test.each(['', '#', '#/', '#/nowhere', '#/peers/', '#%E0%A4%A'])(
  'route - "%s" leads to the start',
  (fragment) => {
    expect(parseRoute(fragment)).toEqual({ page: 'peers' });
  },
);

test('route - every place belongs to an entry of the navigation', () => {
  expect(routes.map(sectionOf)).toEqual([
    ...['peers', 'peers', 'peers'],
    ...['files', 'files', 'files', 'files', 'files'],
    'services',
    'settings',
  ]);
});

test('token - is found in its own fragment only', () => {
  expect(tokenOf('#token=abc_-1')).toBe('abc_-1');
  expect(tokenOf('#/peers?token=abc')).toBeUndefined();
  expect(tokenOf('')).toBeUndefined();
});
