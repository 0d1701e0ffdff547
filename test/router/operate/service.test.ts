import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RouterOptions } from '../../../main/router/options.ts';
import type { Ports } from '../../../main/router/operate/ports-file.ts';
import { ServerLog } from '../../../main/router/operate/server-log.ts';
import { Service, type Operable } from '../../../main/router/operate/service.ts';

/** A router that does what the test says. */
class Scripted implements Operable {
  readonly id = 'NID';
  readonly name = 'name';
  readonly told: string[] = [];
  readonly stopping = Promise.withResolvers<undefined>();
  readonly ducking = Promise.withResolvers<undefined>();
  refusal: string | undefined;

  async start(): Promise<void> {
    this.told.push('start');
  }

  addresses(): Ports {
    return { nats: ['nats://h:1'], monitoring: [], websocket: [], leafnodes: [] };
  }

  async reload(): Promise<{ applied: string[] }> {
    if (this.refusal !== undefined) throw new Error(this.refusal);
    this.told.push('reload');
    return { applied: ['max_payload = 5'] };
  }

  async lameDuck(): Promise<void> {
    this.told.push('lame duck');
    await this.ducking.promise;
  }

  async stop(): Promise<void> {
    this.told.push('stop');
    await this.stopping.promise;
  }
}

describe('service', () => {
  let folder: string;
  let router: Scripted;
  let log: ServerLog;
  let next: RouterOptions;
  let service: Service;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-service-'));
    router = new Scripted();
    log = new ServerLog(7);
    const options = { log: { file: join(folder, 'log'), time: false } };
    log.configure(options.log);
    next = options;
    service = new Service({
      pid: 7,
      log,
      configuration: { options, warnings: [], notes: [] },
      configFile: 'nats.conf',
      configure: () => ({ options: next, warnings: [], notes: [] }),
      createRouter: () => router,
    });
    await service.start();
  });
  afterEach(async () => {
    await log.close();
    await rm(folder, { recursive: true, force: true });
  });
  const wait = (ms: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms));
  const logged = (line: string, file = 'log'): Promise<void> =>
    expect
      .poll(() => existsSync(join(folder, file)) && readFile(join(folder, file), 'utf8'))
      .toContain(line);
  const ended = (): Promise<unknown> =>
    Promise.race([service.ended, wait(20).then(() => 'not yet')]);

  it('one request that comes twice at once is one; a later second one ends it at once', async () => {
    service.handle('term');
    service.handle('term');
    expect(await ended()).toBe('not yet');
    await wait(250);
    service.handle('term');
    expect(await ended()).toBe(0);
    expect(router.told).toEqual(['start', 'stop']);
  });

  it('ends when all has been sent', async () => {
    service.handle('quit');
    expect(await ended()).toBe('not yet');
    router.stopping.resolve(undefined);
    expect(await service.ended).toBe(0);
  });

  it('the lame duck ends by itself, whatever term says', async () => {
    service.handle('ldm');
    service.handle('ldm');
    service.handle('term');
    expect(router.told).toEqual(['start', 'lame duck']);
    router.ducking.resolve(undefined);
    router.stopping.resolve(undefined);
    expect(await service.ended).toBe(0);
    expect(router.told).toEqual(['start', 'lame duck', 'stop']);
  });

  it('reloads come one after the other, and none during the end', async () => {
    service.handle('reload');
    service.handle('reload');
    await logged('Reloaded: max_payload = 5');
    await wait(20);
    service.handle('term');
    service.handle('reload');
    await wait(20);
    expect(router.told).toEqual(['start', 'reload', 'reload', 'stop']);
  });

  it('a reload that the router refuses leaves log and files as they were', async () => {
    router.refusal = 'not now';
    next = {
      log: { file: join(folder, 'other'), time: false },
      pidFile: join(folder, 'pid'),
      portsFileDir: folder,
    };
    service.handle('reload');
    await logged('[ERR] Failed to reload server configuration: not now');
    expect(existsSync(join(folder, 'pid'))).toBe(false);
    expect(existsSync(join(folder, 'nats-server_7.ports'))).toBe(false);
  });

  it('a reload moves log, pid file and ports file', async () => {
    next = {
      log: { file: join(folder, 'other'), time: false },
      pidFile: join(folder, 'pid'),
      portsFileDir: folder,
    };
    service.handle('reload');
    await logged('[INF] Reloaded server configuration', 'other');
    expect(await readFile(join(folder, 'pid'), 'utf8')).toBe('7');
    expect(existsSync(join(folder, 'nats-server_7.ports'))).toBe(true);
  });

  it('a log file that cannot be opened keeps the router from a reload', async () => {
    next = { log: { file: join(folder, 'no', 'where') } };
    service.handle('reload');
    await logged('[ERR] Failed to reload server configuration: ENOENT');
    expect(router.told).toEqual(['start']);
  });
});
