import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  openControl,
  pidsOfPipes,
  pipeOf,
  sendControl,
} from '../../../main/router/operate/control-channel.ts';
import { sendSignal, type SignalHost } from '../../../main/router/operate/send-signal.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-control-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('control channel', () => {
  it('brings commands to the server, and its answer back', async () => {
    const address = join(folder, 'control');
    const heard: string[] = [];
    const channel = await openControl(address, (command) => heard.push(command));
    await sendControl(address, 'reload');
    await sendControl(address, 'ldm');
    expect(heard).toEqual(['reload', 'ldm']);
    channel.close();
    await expect(sendControl(address, 'ldm')).rejects.toThrow(/ENOENT|ECONNREFUSED/);
  });

  it('takes nothing else, and hangs up on who says too much', async () => {
    const address = join(folder, 'control');
    const heard: string[] = [];
    const channel = await openControl(address, (command) => heard.push(command));
    const say = (text: string): Promise<string> =>
      new Promise((resolve, reject) => {
        let answer = '';
        const socket = connect(address, () => socket.write(text));
        socket.setEncoding('utf8');
        socket.on('data', (chunk: string) => (answer += chunk));
        socket.on('close', () => resolve(answer));
        socket.on('error', reject);
      });
    expect(await say('format\n')).toBe('unknown signal "format"\n');
    expect(await say('x'.repeat(1_000))).toBe('the line is too long\n');
    expect(heard).toEqual([]);
    channel.close();
  });

  it('is a pipe with the process id in its name on Windows', () => {
    expect(pipeOf(42)).toBe('\\\\.\\pipe\\skerry-router-42');
    expect(
      pidsOfPipes(['skerry-router-42', 'other', 'skerry-router-x', 'skerry-router-7']),
    ).toEqual([42, 7]);
  });
});

describe('signals by command', () => {
  const told: [number, string][] = [];
  const host: SignalHost = {
    pid: process.pid,
    platform: 'linux',
    kill(pid, signal) {
      if (pid === 404) throw Object.assign(new Error('kill ESRCH'), { code: 'ESRCH' });
      told.push([pid, signal]);
    },
  };
  beforeEach(() => {
    told.length = 0;
  });

  it('each is the one of nats-server', async () => {
    for (const command of ['stop', 'quit', 'term', 'reopen', 'reload', 'ldm']) {
      await sendSignal(`${command}=5`, host);
    }
    expect(told.map(([, signal]) => signal)).toEqual([
      'SIGKILL',
      'SIGINT',
      'SIGTERM',
      'SIGUSR1',
      'SIGHUP',
      'SIGUSR2',
    ]);
  });

  it('the process id may be in a file', async () => {
    const file = join(folder, 'router.pid');
    await writeFile(file, '4711\n');
    await sendSignal(`reload=${file}`, host);
    expect(told).toEqual([[4711, 'SIGHUP']]);
  });

  it.each([
    ['restart=5', 'unknown signal "restart"'],
    ['reload=a=b', 'invalid signal parameters: b'],
    ['reload=abc', 'invalid pid: abc'],
    ['reload=-5', 'invalid pid: -5'],
    ['reload=0', 'no skerry-router processes running'],
    ['reload=404', 'signal "reload" 404: no such process'],
  ])('%s cannot be', async (text, message) => {
    await expect(sendSignal(text, host)).rejects.toThrow(message);
    expect(told).toEqual([]);
  });
});
