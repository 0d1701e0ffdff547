import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { codeOf } from '../../base/errors.ts';
import { withPeer } from '../connection.ts';
import { action, type Context, examples } from '../context.ts';
import { factLines } from '../output/facts.ts';
import { printable } from '../output/printable.ts';
import { headlessProtection } from '../protection.ts';

interface IdOptions {
  readonly exportNk?: string;
  readonly exportCreds?: string;
  readonly import?: string;
  readonly protect?: 'passphrase' | 'key-file';
}

interface Id {
  readonly key: string;
  readonly name: string;
}

/** What the keys in a home folder say, without a peer. */
async function storedId(home: string): Promise<Id> {
  const { openIdentity } = await import('../../identity/open-identity.ts');
  const { defaultDisplayName } = await import('../../identity/own-name.ts');
  const { ConfigFile } = await import('../../peer/config-file.ts');
  const { identity } = await openIdentity({ home, protection: await headlessProtection(home) });
  return { key: identity.key, name: new ConfigFile(home).value.name ?? defaultDisplayName() };
}

/** From the running peer, else from the home folder; a folder without keys stays without. */
async function currentId(home: string): Promise<Id> {
  try {
    const { key, name } = await withPeer(home, (api) => api.call('status.get', {}));
    return { key, name };
  } catch (error) {
    const { keysPath } = await import('../../identity/open-identity.ts');
    if (codeOf(error) !== 'not-running' || !existsSync(keysPath(home))) throw error;
    return await storedId(home);
  }
}

async function id({ home, terminal }: Context, options: IdOptions): Promise<void> {
  const { exportNk, exportCreds, import: source, protect } = options;
  if (protect !== undefined) {
    const { protectKeys } = await import('../protect.ts');
    await protectKeys(home, protect);
    const by = protect === 'passphrase' ? 'passphrase' : 'key file';
    terminal.result({ keyProtection: protect }, () => [`The keys are protected by the ${by} now.`]);
    return;
  }
  const out = exportNk ?? exportCreds;
  if (out !== undefined) {
    const formats = await import('../../identity/transfer-formats.ts');
    const file = resolve(out);
    const keys = { home, protection: await headlessProtection(home) };
    if (exportNk === undefined) await formats.exportCredsFile(keys, file);
    else await formats.exportSeedFile(keys, file);
    const what =
      exportNk === undefined
        ? 'NATS credentials: whoever has them connects as a user of this peer’s account'
        : 'the seed of this peer: whoever has it is this peer';
    terminal.result({ file }, () => [`Wrote ${printable(file)}, ${what}.`]);
    return;
  }
  if (source !== undefined) {
    const { importSeedFile } = await import('../../identity/transfer-formats.ts');
    await importSeedFile({ home, protection: await headlessProtection(home) }, resolve(source));
  }
  const shown = source === undefined ? await currentId(home) : await storedId(home);
  terminal.result(shown, () =>
    factLines(terminal, [
      ['key', [shown.key]],
      ['name', [printable(shown.name)]],
    ]),
  );
}

export function addId(program: Command): void {
  program
    .command('id')
    .description('show the key and the name of this peer; export or import its identity')
    .addOption(
      new Option('--export-nk <file>', 'write the seed of the key to a new file').conflicts([
        'exportCreds',
        'import',
      ]),
    )
    .addOption(
      new Option('--export-creds <file>', 'write NATS credentials to a new file').conflicts(
        'import',
      ),
    )
    .addOption(
      new Option('--protect <by>', 'put the keys under a passphrase or a key file')
        .choices(['passphrase', 'key-file'])
        .conflicts(['exportNk', 'exportCreds', 'import']),
    )
    .option('--import <file>', 'take the identity from an .nk file; never replaces one')
    .addHelpText(
      'after',
      examples('skerry id', 'skerry id --export-nk me.nk', 'skerry id --import me.nk --home ~/b'),
    )
    .action(action(id));
}
