import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Handlers, TransferInfo } from '../../main/api/contract.ts';
import { type ServedPeer, servePeer, temporaryFolder } from './support/cli.ts';
import { ada, contact, doneTransfer, offer, transfer } from './support/samples.ts';

const offered: Partial<Handlers> = {
  'contacts.list': async () => [contact()],
  'offers.list': async () => [offer()],
  'transfers.list': async () => [],
};

function emit(peer: ServedPeer, data: TransferInfo): void {
  peer.peer.emit({ event: 'transfer', subject: data.id, data });
}

describe('get', () => {
  test('makes the folder, follows the transfer and ends with 0 when it is done', async () => {
    const into = join(temporaryFolder(), 'a', 'b');
    const started: unknown[] = [];
    const peer = await servePeer({
      ...offered,
      'transfers.start': async (params) => {
        started.push(params);
        return transfer({ state: 'waiting', bytes: { done: 0, total: 0 } });
      },
    });
    const running = peer.start('get', 'ada/docs/2026', '-o', into);
    await running.seen('stderr', /waiting/);
    emit(peer, transfer({ state: 'verifying', stage: { done: 1, total: 4 } }));
    await running.seen('stderr', /verifying 25%/);
    emit(peer, transfer({ id: 'another', state: 'failed' }));
    emit(peer, transfer());
    await running.seen('stderr', /transferring 42%, 0\.50\/1\.20 GiB, 212 MiB\/s, ETA 0:03/);
    emit(peer, doneTransfer({ path: '2026' }));
    expect(await running.ended).toMatchObject({
      code: 0,
      stdout: 'Got docs/2026: 5,012 files, 1.20 GiB in 6 s (205 MiB/s), at /tmp/docs\n',
    });
    expect(started).toEqual([{ peer: ada, share: offer().id, path: '2026', into }]);
    expect(existsSync(into)).toBe(true);
  });

  test('--json prints the final transfer alone, --progress every change on stderr', async () => {
    const peer = await servePeer({
      ...offered,
      'transfers.start': async () => {
        setTimeout(() => {
          emit(peer, transfer());
          setTimeout(() => emit(peer, doneTransfer()), 200);
        }, 20);
        return transfer({ state: 'waiting' });
      },
    });
    const [plain, loud] = await Promise.all([
      peer.cli('get', 'ada/docs', '--json'),
      peer.cli('get', 'ada/docs', '--json', '--progress'),
    ]);
    expect(plain).toMatchObject({ code: 0, stderr: '' });
    expect(TransferInfo.parse(JSON.parse(plain.stdout))).toEqual(doneTransfer());
    const changes = loud.stderr.trim().split('\n');
    const states = changes.map(
      (line) => (JSON.parse(line) as { transfer: TransferInfo }).transfer.state,
    );
    expect(states).toContain('waiting');
    expect(states).not.toContain('done');
    expect(JSON.parse(loud.stdout)).toEqual(doneTransfer());
  });

  test('a share given by its id, and a transfer that is done at once', async () => {
    const peer = await servePeer({ ...offered, 'transfers.start': async () => doneTransfer() });
    const human = await peer.cli('get', `${ada}/${offer().id}`, '-o', temporaryFolder());
    expect(human).toMatchObject({ code: 0, stderr: '' });
  });

  test('goes on with an unfinished download of the same into the same folder', async () => {
    const into = temporaryFolder();
    const before = transfer({ id: 'before', state: 'failed', target: join(into, 'docs') });
    const others = [
      transfer({ ...before, id: 'older', startedAt: 1 }),
      transfer({ ...before, id: 'done', state: 'done', startedAt: before.startedAt + 1 }),
      transfer({ ...before, id: 'elsewhere', target: '/elsewhere/docs' }),
      transfer({ ...before, id: 'part', path: 'part' }),
    ];
    const retried: unknown[] = [];
    let list = [...others, before];
    const peer = await servePeer({
      ...offered,
      'transfers.list': async () => list,
      'transfers.retry': async (params) => {
        retried.push(params);
        return doneTransfer({ id: 'before' });
      },
    });
    const again = await peer.cli('get', 'ada/docs', '-o', into, '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ id: 'before', state: 'done' });
    expect(retried).toEqual([{ id: 'before' }]);

    list = [{ ...before, id: 'running', state: 'transferring' }];
    const running = await peer.cli('get', 'ada/docs', '-o', into, '--json', '--no-wait');
    expect(JSON.parse(running.stdout)).toMatchObject({ id: 'running', state: 'transferring' });
    expect(peer.calls()).not.toContain('transfers.start');
  });

  test('--no-wait leaves the transfer to the peer', async () => {
    const peer = await servePeer({ ...offered, 'transfers.start': async () => transfer() });
    const [human, json] = await Promise.all([
      peer.cli('get', 'ada/docs', '--no-wait'),
      peer.cli('get', 'ada/docs', '--no-wait', '--json'),
    ]);
    expect(human).toMatchObject({
      code: 0,
      stdout: 'Started t7q2zzzzzzzzzz; see it with: skerry transfers\n',
    });
    expect(TransferInfo.parse(JSON.parse(json.stdout)).state).toBe('transferring');
    expect(peer.calls()).not.toContain('transfers.cancel');
  });

  test('fails with the error of the transfer, and prints the transfer with --json', async () => {
    const error = { code: 'unshared', message: 'It is\nno longer shared.', hint: 'Ask again.' };
    const failed = transfer({ state: 'failed', error });
    const peer = await servePeer({ ...offered, 'transfers.start': async () => failed });
    const [human, json] = await Promise.all([
      peer.cli('get', 'ada/docs'),
      peer.cli('get', 'ada/docs', '--json'),
    ]);
    expect(human).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'skerry: It is no longer shared. Ask again.\n',
    });
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toEqual(failed);
    expect(JSON.parse(json.stderr)).toEqual({ error });
  });

  test('fails when somebody else cancels or removes the transfer', async () => {
    const peer = await servePeer({ ...offered, 'transfers.start': async () => transfer() });
    const [cancelled, removed] = [peer.start('get', 'ada/docs'), peer.start('get', 'ada/docs')];
    await Promise.all([cancelled.seen('stderr', /42%/), removed.seen('stderr', /42%/)]);
    peer.peer.emit({ event: 'transfer', subject: transfer().id, data: null });
    expect(await removed.ended).toMatchObject({ code: 1, stdout: '' });
    expect((await cancelled.ended).stderr).toContain('skerry: The transfer was removed.');
  });

  test('ends with 3 when the peer goes away', async () => {
    const peer = await servePeer({ ...offered, 'transfers.start': async () => transfer() });
    const running = peer.start('get', 'ada/docs');
    await running.seen('stderr', /42%/);
    await peer.close();
    const { code, stderr } = await running.ended;
    expect(code).toBe(3);
    expect(stderr.trim().split('\n').at(-1)).toMatch(/^skerry: The peer/);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s cancels, says how to go on, and ends with %d', async (signal, code) => {
    const cancelled: unknown[] = [];
    const peer = await servePeer({
      ...offered,
      'transfers.start': async () => transfer(),
      'transfers.cancel': async (params) => {
        cancelled.push(params);
        return transfer({ state: 'cancelled' });
      },
    });
    const running = peer.start('get', 'ada/docs');
    await running.seen('stderr', /42%/);
    running.child.kill(signal);
    const ended = await running.ended;
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toMatch(
      /\nskerry: Cancelled\. Run the same command again to go on where it stopped\.\n$/,
    );
    expect(cancelled).toEqual([{ id: transfer().id }]);
  });

  test('a second SIGINT leaves at once when the peer does not answer', async () => {
    const peer = await servePeer({
      ...offered,
      'transfers.start': async () => transfer(),
      'transfers.cancel': () => new Promise(() => undefined),
    });
    const running = peer.start('get', 'ada/docs');
    await running.seen('stderr', /42%/);
    running.child.kill('SIGINT');
    await expect.poll(() => peer.calls(), { timeout: 10_000 }).toContain('transfers.cancel');
    // Signals within a moment count as one press.
    await new Promise((resolve) => setTimeout(resolve, 400));
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 130, stdout: '' });
  });
});
