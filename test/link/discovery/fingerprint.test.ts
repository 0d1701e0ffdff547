import { expect, test } from 'vitest';
import { fingerprint } from '../../../main/link/discovery/fingerprint.ts';
import { WORDS } from '../../../main/link/discovery/words.ts';

const party = (letter: string, fill: number) => ({
  key: `A${letter.repeat(55)}`,
  nonce: new Uint8Array(32).fill(fill),
});

test('fingerprint - these inputs give these words and pictures, on every build', () => {
  expect(fingerprint(party('A', 0), party('B', 255))).toEqual({
    words: ['fresh', 'hard', 'debate', 'mask', 'kid', 'worth'],
    icons: ['scissors', 'gem', 'book', 'feather'],
  });
  expect(fingerprint(party('B', 255), party('A', 0))).toEqual({
    words: ['tennis', 'process', 'spoil', 'oyster', 'action', 'end'],
    icons: ['sun', 'shell', 'cake', 'cloud'],
  });
});

test('fingerprint - depends on both keys, both nonces, and on who asked', () => {
  const texts = [
    fingerprint(party('A', 1), party('B', 2)),
    fingerprint(party('B', 2), party('A', 1)),
    fingerprint(party('C', 1), party('B', 2)),
    fingerprint(party('A', 1), party('C', 2)),
    fingerprint(party('A', 3), party('B', 2)),
    fingerprint(party('A', 1), party('B', 3)),
  ].map((drawn) => JSON.stringify(drawn));
  expect(new Set(texts).size).toBe(texts.length);
});

test('fingerprint - the words are 2,048, told apart by four letters', () => {
  expect(WORDS).toHaveLength(2048);
  expect(new Set(WORDS.map((word) => word.slice(0, 4))).size).toBe(2048);
});
