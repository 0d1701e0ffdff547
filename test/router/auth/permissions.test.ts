import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compilePermissions } from '../../../main/router/auth/permissions.ts';
import { ReplyTracker } from '../../../main/router/auth/reply-tracker.ts';
import { toWire } from '../../../main/router/subject/wire.ts';

test('permissions - nothing said, everything allowed', () => {
  const all = compilePermissions({});
  expect(all).toMatchObject({ limitsPublish: false, limitsSubscribe: false, responses: undefined });
  expect(all.mayPublish('a')).toBe(true);
  expect(all.maySubscribe('>')).toBe('allowed');
  expect(all.mayDeliver('a')).toBe(true);
});

test('permissions - are compiled once per options', () => {
  const options = { publish: { allow: ['a'] } };
  expect(compilePermissions(options)).toBe(compilePermissions(options));
});

test('permissions - an empty allow list for publish allows nothing, for subscribe everything', () => {
  const none = compilePermissions({ publish: { allow: [] }, subscribe: { allow: [] } });
  expect(none.mayPublish('a')).toBe(false);
  expect(none.maySubscribe('a')).toBe('allowed');
});

test('permissions - a denied subject under a wildcard is withheld at delivery', () => {
  const one = compilePermissions({ subscribe: { deny: ['foo.bar', 'foo.*.x', 'q v1'] } });
  expect(one.maySubscribe('foo.>')).toBe('filtered');
  expect(one.maySubscribe('>')).toBe('filtered');
  expect(one.maySubscribe('foo.*')).toBe('filtered');
  expect(one.maySubscribe('foo.bar')).toBe('denied');
  expect(one.maySubscribe('foo.a.x')).toBe('denied');
  expect(one.maySubscribe('foo.baz')).toBe('allowed');
  expect(one.maySubscribe('q.>')).toBe('allowed');
  expect(one.mayDeliver('foo.bar')).toBe(false);
  expect(one.mayDeliver('foo.a.x')).toBe(false);
  expect(one.mayDeliver('foo.baz')).toBe(true);
  expect(one.mayDeliver('q')).toBe(true);
});

test('permissions - a star in an allow list gives out one token, not all below', () => {
  const one = compilePermissions({ subscribe: { allow: ['foo.*'] } });
  expect(one.maySubscribe('foo.a')).toBe('allowed');
  expect(one.maySubscribe('foo.*')).toBe('allowed');
  expect(one.maySubscribe('foo.>')).toBe('denied');
});

test('permissions - leaf nodes may ask for more than they get', () => {
  const one = compilePermissions({ subscribe: { allow: ['foo.bar', 'x q'] } });
  expect(one.maySubscribe('foo.>', undefined, true)).toBe('allowed');
  expect(one.maySubscribe('foo.>')).toBe('denied');
  expect(one.maySubscribe('x.>', undefined, true)).toBe('denied');
  expect(one.maySubscribe('foo.baz', undefined, true)).toBe('denied');
});

test('permissions - subjects are compared as bytes', () => {
  const one = compilePermissions({ publish: { allow: ['grüße.*'] } });
  expect(one.mayPublish(toWire('grüße.x'))).toBe(true);
  expect(one.mayPublish('grüße.x')).toBe(false);
});

test('permissions - published wildcards are ordinary characters', () => {
  const one = compilePermissions({ publish: { allow: ['foo.*'], deny: ['foo.x'] } });
  expect(one.mayPublish('foo.>')).toBe(true);
  expect(one.mayPublish('foo.*')).toBe(true);
  expect(one.mayPublish('foo.')).toBe(false);
  expect(one.mayPublish('foo..a')).toBe(false);
});

test('permissions - answers stay right when the cache is full', () => {
  const one = compilePermissions({ publish: { allow: ['ok.*'] } });
  for (let i = 0; i < 5000; i++) {
    expect(one.mayPublish(`ok.${i}`)).toBe(true);
    expect(one.mayPublish(`no.${i}`)).toBe(false);
  }
});

test('permissions - whoever may answer may publish nothing else', () => {
  const one = compilePermissions({ responses: { max: 0, expires: 0 } });
  expect(one.responses).toEqual({ max: 1, expires: 0 });
  expect(one.limitsPublish).toBe(true);
  expect(one.mayPublish('a')).toBe(false);
  expect(
    compilePermissions({ publish: { allow: ['a'] }, responses: { max: 1, expires: 0 } }).mayPublish(
      'a',
    ),
  ).toBe(true);
});

test('replies - as many as allowed, as long as allowed', () => {
  let now = 0;
  const tracker = new ReplyTracker({ max: 2, expires: 100 }, () => now);
  tracker.remember('r');
  expect([tracker.take('r'), tracker.take('r'), tracker.take('r'), tracker.take('x')]).toEqual([
    true,
    true,
    false,
    false,
  ]);
  tracker.remember('late');
  now = 101;
  expect(tracker.take('late')).toBe(false);
  tracker.remember('a');
  now = 203;
  tracker.remember('b');
  expect(tracker.size).toBe(1);
  const endless = new ReplyTracker({ max: -1, expires: 0 }, () => now);
  endless.remember('r');
  now = 1e12;
  expect(Array.from({ length: 1000 }, () => endless.take('r')).every(Boolean)).toBe(true);
});

test('replies - memory has a bound, and the newest stay', () => {
  const tracker = new ReplyTracker({ max: -1, expires: 0 });
  for (let i = 0; i < 70_000; i++) tracker.remember(`r${i}`);
  expect(tracker.size).toBeLessThanOrEqual(65_536);
  expect(tracker.take('r69999')).toBe(true);
  expect(tracker.take('r0')).toBe(false);
});

test('permissions - no subject, however odd, is an error', () => {
  const one = compilePermissions({
    publish: { allow: ['a.>', '*.b'], deny: ['a.b c', ''] },
    subscribe: { allow: ['> q', ' x  y z '], deny: ['*.* *'] },
  });
  fc.assert(
    fc.property(fc.string(), fc.option(fc.string(), { nil: undefined }), (subject, queue) => {
      expect(typeof one.mayPublish(subject)).toBe('boolean');
      expect(typeof one.mayDeliver(subject)).toBe('boolean');
      expect(['allowed', 'filtered', 'denied']).toContain(one.maySubscribe(subject, queue));
    }),
  );
});
