import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigFile } from '../../main/peer/config-file.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'skerry-config-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const write = (value: unknown): void =>
  writeFileSync(
    join(home, 'config.json'),
    typeof value === 'string' ? value : JSON.stringify(value),
  );

test('config - no file gives the defaults', () => {
  const { value } = new ConfigFile(home);
  expect(value.udp).toEqual({ enabled: true, mapPort: true, stun: [] });
  expect(value.nats).toEqual([]);
});

test('config - an unknown key is refused with the nearest known one named', () => {
  write({ udp: { prot: 4000 } });
  expect(() => new ConfigFile(home)).toThrow(/unknown key "udp\.prot".*"udp\.port"/);
  write({ nats: [{ server: 'nats://127.0.0.1', prefx: 'x' }] });
  expect(() => new ConfigFile(home)).toThrow(/"nats\.0\.prefx".*"nats\.0\.prefix"/);
  write({ nmae: 'x' });
  expect(() => new ConfigFile(home)).toThrow(/"nmae".*"name"/);
});

test('config - broken JSON is refused and the file stays as it is', () => {
  write('{"name": "x",');
  expect(() => new ConfigFile(home)).toThrow(
    expect.objectContaining({ code: 'config-unreadable' }),
  );
  expect(readFileSync(join(home, 'config.json'), 'utf8')).toBe('{"name": "x",');
});

test('config - a wrong value names its key', () => {
  write({ udp: { port: 70_000 } });
  expect(() => new ConfigFile(home)).toThrow(
    expect.objectContaining({
      code: 'config-invalid',
      message: expect.stringContaining('udp.port'),
    }),
  );
});

test('config - options of this start win, and are not written to the file', () => {
  write({ name: 'file', udp: { port: 4000 } });
  const config = new ConfigFile(home, { udp: { enabled: false }, name: 'flag' });
  expect(config.value.name).toBe('flag');
  expect(config.value.udp).toMatchObject({ enabled: false, port: 4000 });
  config.update({ downloads: '/srv/in' });
  expect(JSON.parse(readFileSync(config.path, 'utf8'))).toEqual({
    name: 'file',
    udp: { port: 4000 },
    downloads: '/srv/in',
  });
});

test('config - a change made in the app wins over the option it replaces, and is kept', () => {
  const config = new ConfigFile(home, { name: 'flag' });
  config.update({ name: 'new' });
  expect(config.value.name).toBe('new');
  config.update({ downloads: '/srv' });
  expect(config.value.name).toBe('new');
  expect(new ConfigFile(home).value.name).toBe('new');
});

test('config - a refused change leaves file and value as they were', () => {
  const config = new ConfigFile(home);
  config.update({ name: 'kept' });
  expect(() => config.update({ name: '' })).toThrow(
    expect.objectContaining({ code: 'config-invalid' }),
  );
  expect(config.value.name).toBe('kept');
  expect(new ConfigFile(home).value.name).toBe('kept');
});
