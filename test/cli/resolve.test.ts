import { describe, expect, test } from 'vitest';
import { contactKind, matching, only, shareKind } from '../../main/cli/resolve.ts';
import { cuts } from '../../main/cli/remote-target.ts';
import { contact, keyOf, share } from './support/samples.ts';

describe('what a name stands for', () => {
  const bob = contact({ key: keyOf('BOB22'), name: 'Bob' });
  const eve = contact({ key: keyOf('EVE22'), name: 'Ève\u202e' });
  const mallory = contact({ key: keyOf('MAL22'), name: 'ABOB2' });
  const all = [bob, eve, mallory];
  const names = (text: string): string[] => matching(contactKind, all, text).map(({ key }) => key);

  test('names count without case, composed or not, and as they are printed', () => {
    expect(names('bOB')).toEqual([bob.key]);
    expect(names('E\u0300ve\ufffd')).toEqual([eve.key]);
    expect(names('Ève')).toEqual([]);
  });

  test('keys count whole, in any case, and by a start of at least four letters', () => {
    expect(names(bob.key.toLowerCase())).toEqual([bob.key]);
    expect(names('aeve')).toEqual([eve.key]);
    expect(names('AEV')).toEqual([]);
  });

  test('a contact that calls itself like the start of another key makes it ambiguous', () => {
    expect(names('ABOB2')).toEqual([bob.key, mallory.key]);
    expect(names('ABOB22')).toEqual([bob.key]);
  });

  test('a name that is a whole key is not looked at', () => {
    const posing = contact({ key: keyOf('POS22'), name: bob.key });
    expect(matching(contactKind, [posing, bob], bob.key)).toEqual([bob]);
  });

  test('more than one is an error that lists at most five of them', () => {
    const many = Array.from({ length: 7 }, (_, index) =>
      share({ id: `${index}aaaaaaaaaaaaaaaa`, name: 'docs\x1b[2J' }),
    );
    expect(() => only(shareKind, many, 'docs\x1b[2J')).toThrow(
      '"docs\ufffd[2J" can be 7 shares: docs\ufffd[2J 0aaaaaaaaaaa, docs\ufffd[2J 1aaaaaaaaaaa, docs\ufffd[2J 2aaaaaaaaaaa, docs\ufffd[2J 3aaaaaaaaaaa, docs\ufffd[2J 4aaaaaaaaaaa and 2 more.',
    );
    expect(() => only(shareKind, [], 'x')).toThrow('There is no share "x".');
  });
});

test('a target is cut at every slash, the shortest head first', () => {
  expect(cuts('ada/a b//c/')).toEqual([
    { head: 'ada', rest: 'a b//c' },
    { head: 'ada/a b', rest: 'c' },
    { head: 'ada/a b//c', rest: '' },
  ]);
  expect(cuts('ada///')).toEqual([{ head: 'ada', rest: '' }]);
  expect(cuts('/etc')).toEqual([{ head: '/etc', rest: '' }]);
  expect(cuts('')).toEqual([]);
});
