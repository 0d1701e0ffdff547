/** What a person sees: the command on a pseudo-terminal of 80 columns, made by script(1) of util-linux. */
import { spawnSync } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Handlers } from '../../main/api/contract.ts';
import { shellWord } from '../../main/cli/output/shell-word.ts';
import { displayWidth } from '../../main/cli/output/width.ts';
import { mainFile, type Running, type ServedPeer, servePeer, start } from './support/cli.ts';
import { ada, contact, doneTransfer, offer, share, transfer } from './support/samples.ts';

const hasScript = /util-linux/.test(spawnSync('script', ['--version']).stdout?.toString() ?? '');

/** Runs a command on a terminal; what it writes, on stdout and stderr alike, comes on stdout. */
function onTerminal(
  peer: ServedPeer,
  words: readonly string[],
  env: Record<string, string> = {},
): Running {
  const command = [process.execPath, mainFile, ...words, '--home', peer.home];
  const line = `stty cols 80 rows 24; exec ${command.map(shellWord).join(' ')}`;
  return start('script', ['-qec', line, '/dev/null'], { env: { TERM: 'xterm-256color', ...env } });
}

const offered: Partial<Handlers> = {
  'contacts.list': async () => [contact()],
  'offers.list': async () => [offer()],
  'transfers.list': async () => [],
  'transfers.start': async () => transfer({ bytes: { done: 0, total: 100 } }),
};

describe.runIf(hasScript)('on a terminal', () => {
  test('get redraws one line with a bar and takes it away at the end', async () => {
    const peer = await servePeer(offered);
    const running = onTerminal(peer, ['get', 'ada/docs']);
    await running.seen('stdout', /transferring/);
    for (let done = 1; done <= 100; done += 1) {
      const data = transfer({ bytes: { done, total: 100 } });
      peer.peer.emit({ event: 'transfer', subject: data.id, data });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await running.seen('stdout', /100%/);
    const data = doneTransfer();
    peer.peer.emit({ event: 'transfer', subject: data.id, data });
    const { code, stdout } = await running.ended;
    expect(code).toBe(0);
    const frames = stdout.split('\r').filter((frame) => frame.startsWith('transferring'));
    // A hundred changes, at most ten redraws a second.
    expect(frames.length).toBeGreaterThan(1);
    expect(frames.length).toBeLessThan(100);
    for (const frame of frames) {
      expect(frame).toMatch(
        /^transferring +\d+% \[#*-*\] \d+\/100 B 212 MiB\/s ETA 0:03 12\/5,012 files\x1b\[K$/,
      );
      expect(displayWidth(stripVTControlCharacters(frame))).toBeLessThan(78);
    }
    expect(stdout).toMatch(/\r\x1b\[KGot docs: 5,012 files, 1\.20 GiB in 6 s [^\n]*\n$/);
  });

  test('Ctrl-C cancels the download and ends with 130', async () => {
    const peer = await servePeer({
      ...offered,
      'transfers.cancel': async () => transfer({ state: 'cancelled' }),
    });
    const running = onTerminal(peer, ['get', 'ada/docs']);
    await running.seen('stdout', /transferring/);
    running.child.stdin.write('\x03');
    const { code, stdout } = await running.ended;
    expect(code).toBe(130);
    expect(stdout).toMatch(
      /skerry: Cancelled\. Run the same command again to go on where it stopped\./,
    );
  });

  test.each([
    ['y\n', 0, /Added ada/],
    ['\n', 1, /skerry: Not added\./],
    ['\x03', 130, /skerry: Interrupted; nothing was changed\./],
    ['\x04', 1, /skerry: Not added\./],
  ])('add asks, and %j ends with %d', async (answer, code, said) => {
    const peer = await servePeer({
      'contacts.list': async () => [],
      'contacts.add': async () => contact(),
      'invites.preview': async () => ({
        key: ada,
        name: 'ada\x1b[2J',
        expiresAt: 1,
        expired: false,
        ways: ['udp 192.0.2.7:41641'],
        state: 'requested',
      }),
    });
    const running = onTerminal(peer, ['add', 'skerry://invite/x']);
    await running.seen('stdout', /\[y\/N\] /);
    running.child.stdin.write(answer);
    const ended = await running.ended;
    expect(ended.code).toBe(code);
    expect(ended.stdout).toMatch(said);
    const shown = stripVTControlCharacters(ended.stdout);
    for (const text of [ada, '"ada\ufffd[2J"', 'udp 192.0.2.7:41641', 'requested']) {
      expect(shown).toContain(text);
    }
    expect(peer.calls().includes('contacts.add')).toBe(code === 0);
  });

  test('tables are cut to 80 columns, and coloured unless NO_COLOR is set', async () => {
    const peer = await servePeer({
      'contacts.list': async () => [contact({ name: '文件'.repeat(32) })],
      'shares.list': async () => [share({ name: 'x'.repeat(200), audience: [ada] })],
    });
    const coloured = await onTerminal(peer, ['shares']).ended;
    const plain = await onTerminal(peer, ['peers'], { NO_COLOR: '1' }).ended;
    expect(coloured.stdout).toMatch(/\x1b\[1m/);
    expect(plain.stdout).not.toMatch(/\x1b/);
    for (const { stdout } of [coloured, plain]) {
      const lines = stripVTControlCharacters(stdout).trimEnd().split('\r\n');
      expect(lines).toHaveLength(2);
      for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(80);
    }
  });
});
