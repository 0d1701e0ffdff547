import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogClock, logLine } from '../../../main/router/operate/log-line.ts';
import { ServerLog } from '../../../main/router/operate/server-log.ts';

const plain = { pid: 7, time: false, utc: false, colours: false };

describe('log lines', () => {
  it('are those of nats-server', () => {
    const line = logLine({ ...plain, time: true }, new LogClock(true), 'INF', 'Server is ready');
    expect(line).toMatch(
      /^\[7\] \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d{6} \[INF\] Server is ready\n$/,
    );
  });

  it('tell UTC or the time of the place', () => {
    const now = new Date();
    const hour = (utc: boolean): number => Number(new LogClock(utc).now().slice(11, 13));
    expect([now.getUTCHours(), (now.getUTCHours() + 1) % 24]).toContain(hour(true));
    expect([now.getHours(), (now.getHours() + 1) % 24]).toContain(hour(false));
  });

  it('never run backwards', () => {
    const clock = new LogClock(true);
    const times = Array.from({ length: 2_000 }, () => clock.now());
    expect(times).toEqual([...times].sort());
  });

  it('have no time when none is wanted, and colours on a terminal', () => {
    const clock = new LogClock(false);
    expect(logLine(plain, clock, 'WRN', 'x')).toBe('[7] [WRN] x\n');
    expect(logLine({ ...plain, colours: true }, clock, 'ERR', 'x')).toBe(
      '[7] [\u001b[31mERR\u001b[0m] x\n',
    );
  });

  it('stay one line, whatever a client called itself', () => {
    const line = logLine(
      plain,
      new LogClock(false),
      'INF',
      'a\n[7] [FTL] forged\r\t\u001b[2J\u2028ä',
    );
    expect(line).toBe('[7] [INF] a\\n[7] [FTL] forged\\r\\t\\x1b[2J\\x2028ä\n');
  });
});

describe('log file', () => {
  let folder: string;
  let file: string;
  let log: ServerLog;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-log-'));
    file = join(folder, 'router.log');
    log = new ServerLog(7);
  });
  afterEach(async () => {
    await log.close();
    await rm(folder, { recursive: true, force: true });
  });
  const read = (name = 'router.log'): Promise<string> => readFile(join(folder, name), 'utf8');

  it('has all lines in order, only those that are wanted, and is not for everybody', async () => {
    log.configure({ file, time: false, debug: true });
    log.info('one');
    log.debug('two');
    log.trace('not this');
    log.warn('three');
    log.error('four');
    log.fatal('five');
    await log.close();
    expect(await read()).toBe(
      '[7] [INF] one\n[7] [DBG] two\n[7] [WRN] three\n[7] [ERR] four\n[7] [FTL] five\n',
    );
    expect((await stat(file)).mode & 0o777).toBe(0o640);
  });

  it('is appended to', async () => {
    log.configure({ file, time: false });
    log.info('one');
    await log.close();
    log.configure({ file, time: false });
    log.info('two');
    await log.close();
    expect(await read()).toBe('[7] [INF] one\n[7] [INF] two\n');
  });

  it('is opened again under its name after it was moved away', async () => {
    log.configure({ file, time: false });
    log.info('one');
    await rename(file, `${file}.old`);
    log.reopen();
    log.info('two');
    await log.close();
    expect(await read('router.log.old')).toBe('[7] [INF] one\n');
    expect(await read()).toBe('[7] [INF] File log re-opened\n[7] [INF] two\n');
  });

  it('is put aside when it is too large, and of those the oldest go', async () => {
    log.configure({ file, time: false, sizeLimit: 200, maxFiles: 3 });
    for (let index = 0; index < 60; index++) {
      log.info(`line ${index} of many`);
      // Each turn is one write.
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await log.close();
    const names = (await readdir(folder)).sort();
    expect(names).toHaveLength(3);
    expect(names[1]).toMatch(/^router\.log\.\d{4}(\.\d\d){5}\.\d{9}$/);
    expect(await read()).toMatch(/Rotated log, backup saved as/);
    const all = (await Promise.all(names.map((name) => read(name)))).join('');
    expect(all).toContain('line 59 of many');
    for (const name of names) expect((await stat(join(folder, name))).size).toBeLessThan(900);
  });

  it('changes with the configuration while it runs', async () => {
    log.configure({ file, time: false });
    log.info('one');
    log.configure({ file: join(folder, 'other.log'), time: false, trace: true });
    log.trace('two');
    await log.close();
    expect(await read('other.log')).toBe('[7] [TRC] two\n');
  });

  it('that cannot be opened changes nothing', async () => {
    log.configure({ file, time: false });
    expect(() => log.configure({ file: join(folder, 'no', 'where') })).toThrow('ENOENT');
    log.info('still here');
    await log.close();
    expect(await read()).toBe('[7] [INF] still here\n');
  });
});

describe('log on standard error', () => {
  const script = `
    const { ServerLog } = await import(${JSON.stringify(new URL('../../../main/router/operate/server-log.ts', import.meta.url).href)});
    const log = new ServerLog(7);
    log.configure({ time: false });
    for (let index = 0; index < 20_000; index++) log.info('line ' + index);
    if (process.argv[1] === 'crash') { log.flushSync(); process.exit(1); }
    await log.close();
  `;
  it.each(['orderly', 'crash'])('nothing is lost at an %s end', (mode) => {
    const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script, mode], {
      encoding: 'utf8',
      maxBuffer: 10_000_000,
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
    });
    const lines = stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(20_000);
    expect(lines.at(-1)).toBe('[7] [INF] line 19999');
  });
});
