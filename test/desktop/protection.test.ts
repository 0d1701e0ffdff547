import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { safeStorage } from 'electron';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { findProtection } from '../../main/desktop/protection.ts';
import type { PassphraseQuestion } from '../../main/desktop/passphrase-page.ts';
import { openIdentity } from '../../main/identity/open-identity.ts';
import { record, resetElectron } from './electron-stub.ts';
import { newHome } from './support/homes.ts';

const PASSPHRASE = 'correct horse battery';

function sources(home: string, typed?: string) {
  return {
    home,
    storage: safeStorage,
    platform: 'linux' as const,
    askPassphrase: vi.fn(async (_question: PassphraseQuestion) => typed),
  };
}

beforeEach(resetElectron);

describe('protection', () => {
  test('protection - a keyring is used without a question, and opens the identity at the next start', async () => {
    const home = newHome();
    const first = await findProtection(sources(home), 'none');
    if (first === undefined) throw new Error('no protection');
    const { identity } = await openIdentity({ home, protection: first });
    const second = await findProtection(sources(home), 'none');
    if (second === undefined) throw new Error('no protection');
    expect(second.kind).toBe('os');
    const again = await openIdentity({ home, protection: second });
    expect(again.identity.key).toBe(identity.key);
    expect(record.boxes).toEqual([]);
  });

  test('protection - basic_text is told of and not used: the person sets a passphrase', async () => {
    const home = newHome();
    record.storage.backend = 'basic_text';
    record.presses.push(0);
    const asked = sources(home, PASSPHRASE);
    expect(await findProtection(asked, 'none')).toEqual({
      kind: 'passphrase',
      passphrase: PASSPHRASE,
    });
    expect(asked.askPassphrase).toHaveBeenCalledWith('new');
    expect(record.boxes[0]).toMatchObject({
      type: 'warning',
      detail: expect.stringContaining('No keyring answers'),
      buttons: ['Set a passphrase', 'Continue without', 'Quit'],
    });
    expect(readdirSync(home)).toEqual([]);
  });

  test('protection - with basic_text the person may continue with a key file, knowing what it means', async () => {
    const home = newHome();
    record.storage.backend = 'basic_text';
    record.presses.push(1);
    expect(await findProtection(sources(home), 'none')).toEqual({
      kind: 'key-file',
      path: join(home, 'master.key'),
    });
    expect(record.boxes[0]?.detail).toContain('can then act as you');
  });

  test('protection - closing the question, or the passphrase window, is quitting; nothing is written', async () => {
    const home = newHome();
    record.storage.backend = 'basic_text';
    record.presses.push(2, 0);
    expect(await findProtection(sources(home), 'none')).toBeUndefined();
    expect(record.boxes[0]).toMatchObject({ cancelId: 2, buttons: { 2: 'Quit' } });
    expect(await findProtection(sources(home), 'none')).toBeUndefined();
    expect(readdirSync(home)).toEqual([]);
  });

  test('protection - a system whose storage does not answer is told of too', async () => {
    record.storage.available = false;
    record.presses.push(2);
    const asked = { ...sources(newHome()), platform: 'win32' as const };
    expect(await findProtection(asked, 'none')).toBeUndefined();
    expect(record.boxes[0]?.detail).toContain('does not answer');
  });

  test('protection - keys under a passphrase ask for it at each start, and say when it was wrong', async () => {
    const home = newHome();
    await openIdentity({ home, protection: { kind: 'passphrase', passphrase: PASSPHRASE } });
    const asked = sources(home, 'typed');
    expect(await findProtection(asked, 'none')).toEqual({
      kind: 'passphrase',
      passphrase: 'typed',
    });
    await findProtection(asked, 'wrong-passphrase');
    expect(asked.askPassphrase.mock.calls).toEqual([['open'], ['wrong']]);
    expect(record.boxes).toEqual([]);
  });

  test('protection - keys that a headless peer keeps under a key file are opened with it', async () => {
    const home = newHome();
    const protection = { kind: 'key-file', path: join(home, 'master.key') } as const;
    await openIdentity({ home, protection });
    expect(await findProtection(sources(home), 'none')).toEqual(protection);
  });

  test('protection - a lost master.os is a clear error; no new one is made', async () => {
    const home = newHome();
    const protection = await findProtection(sources(home), 'none');
    if (protection === undefined) throw new Error('no protection');
    await openIdentity({ home, protection });
    rmSync(join(home, 'master.os'));
    await expect(findProtection(sources(home), 'none')).rejects.toMatchObject({
      code: 'master-key-missing',
      hint: expect.stringContaining('backup'),
    });
    expect(readdirSync(home)).toEqual(['keys']);
  });

  test('protection - a locked keychain is a clear error; nothing falls back to a weaker key', async () => {
    const home = newHome();
    await findProtection(sources(home), 'none');
    record.storage.fails = true;
    record.storage.backend = 'basic_text';
    await expect(findProtection(sources(home), 'none')).rejects.toMatchObject({
      code: 'master-key-locked',
    });
    expect(record.boxes).toEqual([]);
    expect(readdirSync(home)).toEqual(['master.os']);
  });
});
