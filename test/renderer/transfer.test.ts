import { expect, test } from 'vitest';
import {
  isActive,
  stageAnnouncement,
  transferFacts,
  transferProgress,
  transferTitle,
} from '../../renderer/src/format/transfer.ts';
import { isolate } from '../../renderer/src/format/text.ts';
import { transfer } from './support/samples.ts';

test('transfer - while transferring shows what is left, the rate, the time and the files', () => {
  expect(transferFacts(transfer())).toEqual([
    '474 MB left',
    '74.6 MB/s',
    '6 s to go',
    '2,210 of 5,312 files',
  ]);
  expect(transferProgress(transfer())).toEqual({ value: 338 / 812, text: 'Transferring, 41%' });
});

test('transfer - measures hashing and verifying by their own stage', () => {
  const verifying = transfer({ state: 'verifying', stage: { done: 40e6, total: 90e6 } });
  expect(transferProgress(verifying)).toEqual({ value: 4 / 9, text: 'Verifying, 44%' });
  expect(transferFacts(verifying)).toContain('40 MB of 90 MB');
  const hashing = transfer({ state: 'hashing', stage: null });
  expect(transferProgress(hashing)).toEqual({ value: null, text: 'Hashing' });
});

test('transfer - that waits says for whom', () => {
  const waiting = transfer({ state: 'waiting', peerName: 'Anouk' });
  expect(transferFacts(waiting)[0]).toBe(`Waiting for ${isolate('Anouk')} to be online`);
  expect(transferProgress(waiting).value).toBeNull();
});

test('transfer - without an estimate shows none', () => {
  expect(transferFacts(transfer({ etaSeconds: null }))).toEqual([
    '474 MB left',
    '74.6 MB/s',
    '2,210 of 5,312 files',
  ]);
});

test('transfer - of something inside a share is named by it', () => {
  expect(transferTitle(transfer({ path: '' }))).toBe('Tide tables');
  expect(transferTitle(transfer({ path: 'north/1952.csv' }))).toBe('1952.csv');
});

test('transfer - is active until it is done, failed or cancelled', () => {
  const states = [
    'waiting',
    'hashing',
    'verifying',
    'transferring',
    'done',
    'failed',
    'cancelled',
  ] as const;
  expect(states.filter((state) => isActive(transfer({ state })))).toEqual(states.slice(0, 4));
});

test('transfer - announces stages, but not what the person did', () => {
  expect(stageAnnouncement(transfer({ state: 'done' }))).toBe(`${isolate('Tide tables')}: done`);
  expect(stageAnnouncement(transfer({ state: 'cancelled' }))).toBeNull();
});
