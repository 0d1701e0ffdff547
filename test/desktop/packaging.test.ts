import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const require = createRequire(import.meta.url);
// electron-builder reads and checks its configuration with a library that it brings along.
const fromBuilder = createRequire(require.resolve('electron-builder/package.json'));

interface BuilderConfig {
  readonly appId: string;
  readonly publish: unknown;
  readonly asarUnpack: string[];
  readonly protocols: { readonly schemes: string[] }[];
  readonly electronFuses: Record<string, boolean>;
  readonly files: { readonly filter: string[] }[];
  readonly mac: { readonly hardenedRuntime: boolean; readonly icon: string };
  readonly win: { readonly icon: string };
  readonly linux: { readonly icon: string };
}

interface ConfigTools {
  getConfig(projectDir: string, configPath: string, overrides: object): Promise<BuilderConfig>;
  validateConfiguration(config: BuilderConfig, debugLogger: object): Promise<void>;
}

const { getConfig, validateConfiguration } = fromBuilder(
  'app-builder-lib/out/util/config/config',
) as ConfigTools;
const read = (): Promise<BuilderConfig> => getConfig(root, join(root, 'electron-builder.yml'), {});

describe('packaging', () => {
  test('packaging - electron-builder accepts its configuration', async () => {
    const config = await read();
    await expect(validateConfiguration(config, { isEnabled: false })).resolves.toBeUndefined();
  });

  test('packaging - native modules are unpacked, links are registered, nothing is published', async () => {
    const { asarUnpack, protocols, publish, mac } = await read();
    expect(asarUnpack).toEqual(['**/*.node']);
    expect(protocols.flatMap(({ schemes }) => schemes)).toEqual(['skerry']);
    expect(publish).toBeNull();
    expect(mac.hardenedRuntime).toBe(true);
  });

  test('packaging - the packed app runs no other program’s code', async () => {
    expect((await read()).electronFuses).toMatchObject({
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      grantFileProtocolExtraPrivileges: false,
    });
  });

  test('packaging - files are named one by one: a pattern of a system alone would pack everything', async () => {
    const config = await read();
    expect(config.files.flatMap(({ filter }) => filter)).toContain('dist/main/**');
    for (const system of [config.mac, config.win, config.linux]) {
      expect(system).not.toHaveProperty('files');
      expect(existsSync(join(root, system.icon))).toBe(true);
    }
  });

  test('packaging - the app has the id that Windows shows its notifications under', async () => {
    const main = readFileSync(join(root, 'main/main.ts'), 'utf8');
    expect(main).toContain(`const APP_ID = '${(await read()).appId}';`);
  });

  test.each(['icon.png', 'tray.png', 'tray@2x.png', 'trayTemplate.png', 'trayTemplate@2x.png'])(
    'packaging - %s is a PNG',
    (name) => {
      const start = readFileSync(join(root, 'resources', name)).subarray(0, 8);
      expect(start.toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
    },
  );
});
