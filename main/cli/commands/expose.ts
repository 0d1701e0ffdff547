import type { Command } from 'commander';
import type { ApiClient, ContactInfo, ServiceInfo } from '../../api/contract.ts';
import { withPeer } from '../connection.ts';
import { action, type Context, examples } from '../context.ts';
import { CliError } from '../errors.ts';
import { collect } from '../options.ts';
import { countText, shortKey } from '../output/human.ts';
import { printable } from '../output/printable.ts';
import type { Terminal } from '../output/terminal.ts';
import { findContact, isChosen } from '../resolve.ts';

interface ExposeOptions {
  readonly as?: string;
  readonly to: readonly string[];
  readonly list?: true;
}

/** The audience in keys; every name must stand for one contact before anything is exposed. */
async function audienceOf(
  api: ApiClient,
  names: readonly string[],
): Promise<'everyone' | string[]> {
  if (names.includes('all')) return 'everyone';
  const keys = new Set<string>();
  for (const name of names) keys.add((await findContact(api, name, isChosen)).key);
  return [...keys];
}

/** `everyone`, or the names of the contacts. */
function audienceText(
  { audience }: ServiceInfo,
  contacts: readonly Pick<ContactInfo, 'key' | 'name'>[],
): string {
  if (audience === 'everyone') return 'everyone you accepted';
  const names = new Map(contacts.map(({ key, name }) => [key, name]));
  const all = audience.map((key) => printable(names.get(key) ?? shortKey(key)));
  return all.length === 0 ? 'nobody' : all.join(', ');
}

function serviceLines(
  terminal: Terminal,
  services: readonly ServiceInfo[],
  contacts: readonly ContactInfo[],
): string[] {
  if (services.length === 0) {
    return ['Nothing is exposed. Expose a port with: skerry expose <port> --as <name> --to <peer>'];
  }
  return terminal.table<ServiceInfo>(
    [
      { title: 'NAME', cell: ({ name }) => name },
      { title: 'TARGET', cell: ({ target }) => printable(target), shrinkTo: 12 },
      {
        title: 'IN USE',
        cell: ({ connections }) => countText(connections),
        align: 'right',
      },
      { title: 'TO', cell: (service) => audienceText(service, contacts), shrinkTo: 8 },
    ],
    services,
  );
}

async function expose(
  { home, terminal }: Context,
  target: string | undefined,
  { as: name, to, list }: ExposeOptions,
): Promise<void> {
  if (list === true) {
    if (target !== undefined) throw new CliError('usage', '--list takes no target.');
    const { services, contacts } = await withPeer(home, async (api) => ({
      services: await api.call('services.list', {}),
      contacts: terminal.json ? [] : await api.call('contacts.list', {}),
    }));
    terminal.result(services, () => serviceLines(terminal, services, contacts));
    return;
  }
  if (target === undefined || name === undefined || to.length === 0) {
    const message = 'Say what to expose, under which name (--as) and to whom (--to).';
    throw new CliError('usage', message, { hint: 'See `skerry expose --help`.' });
  }
  const { service, contacts } = await withPeer(home, async (api) => {
    const audience = await audienceOf(api, to);
    return {
      service: await api.call('services.add', { name, target, audience }),
      contacts: terminal.json ? [] : await api.call('contacts.list', {}),
    };
  });
  terminal.result(service, () => [
    `${printable(service.target)} is exposed as ${service.name} to ${audienceText(service, contacts)}.`,
  ]);
}

export function addExpose(program: Command): void {
  program
    .command('expose')
    .description('let contacts reach a local program under a name')
    .argument('[target]', 'port, host:port, or unix: and the path of a socket')
    .option('--as <name>', 'name of the service: small letters, digits, hyphens')
    .option('--to <peer>', 'for this contact; repeat it for more, "all" for everyone', collect, [])
    .option('--list', 'list what is exposed')
    .addHelpText(
      'after',
      examples(
        'skerry expose 8080 --as web --to ada',
        'skerry expose unix:/run/app.sock --as app --to all',
      ),
    )
    .action(action(expose));
  program
    .command('unexpose')
    .description('take a service back, at once; its connections are cut')
    .argument('<service>', 'name of the service')
    .addHelpText('after', examples('skerry unexpose web'))
    .action(
      action(async ({ home, terminal }, name: string) => {
        const result = await withPeer(home, (api) => api.call('services.remove', { name }));
        terminal.result(result, () => [`${printable(name)} is no longer exposed.`]);
      }),
    );
}
