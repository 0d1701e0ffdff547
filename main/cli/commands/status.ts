import type { Command } from 'commander';
import type { Status } from '../../api/contract.ts';
import { withPeer } from '../connection.ts';
import { action, examples } from '../context.ts';
import { bytesText, spanText } from '../output/human.ts';
import { printable } from '../output/printable.ts';
import { type Fact, factLines } from '../output/facts.ts';

const KEY_PROTECTION: Record<Status['keyProtection'], string> = {
  os: 'protected by the operating system',
  passphrase: 'protected by your passphrase',
  'key-file': 'protected by file permissions alone',
};

/** Where a peer can be reached, as `up` and `status` show it. */
export function addressFacts(status: Status): Fact[] {
  return [
    ['udp', status.udp.length > 0 ? status.udp : ['off']],
    [
      'nats',
      status.nats.length > 0
        ? status.nats.map(({ server, prefix, state, error }) =>
            printable(
              `${server} ${prefix} (${error === null ? state : `${state}: ${error.message}`})`,
            ),
          )
        : ['none'],
    ],
    ...routerFacts(status),
    ['socket', [status.socket]],
  ];
}

/** Where the peer's own NATS server listens; nothing by default. */
function routerFacts({ router }: Status): Fact[] {
  const lines = [
    ...router.addresses.map(printable),
    ...router.bridges.map(({ address, peer }) => printable(`${address} to the router of ${peer}`)),
  ];
  return lines.length === 0 ? [] : [['router', lines]];
}

function messagesText({ clients, inMessages, outMessages }: Status['router']): string {
  return `${inMessages} in, ${outMessages} out, of ${clients} ${clients === 1 ? 'client' : 'clients'}`;
}

export function addStatus(program: Command): void {
  program
    .command('status')
    .description('show the running peer and the addresses it listens on')
    .addHelpText('after', examples('skerry status', 'skerry status --json'))
    .action(
      action(async ({ home, terminal }) => {
        const status = await withPeer(home, (api) => api.call('status.get', {}));
        terminal.result(status, () => [
          ...factLines(terminal, [
            ['name', [printable(status.name)]],
            ['key', [status.key, KEY_PROTECTION[status.keyProtection]]],
            ['state', [`${status.state} for ${spanText(Date.now() - status.startedAt)}`]],
            ['links', [String(status.links)]],
            ['messages', [messagesText(status.router)]],
            ...addressFacts(status),
            ['ui', [status.ui === null ? 'none' : `${status.ui} (open it with: skerry ui)`]],
            ['home', [printable(status.home)]],
            ['downloads', [printable(status.downloads)]],
            ['process', [`${status.pid}, ${bytesText(status.rssBytes)} of memory`]],
            ['version', [status.version]],
          ]),
        ]);
      }),
    );
}
