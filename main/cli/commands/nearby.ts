import { type Command, Option } from 'commander';
import type { ApiClient, NearbyInfo } from '../../api/contract.ts';
import { withPeer } from '../connection.ts';
import { action, examples } from '../context.ts';
import { shortKey } from '../output/human.ts';
import { printable } from '../output/printable.ts';
import type { Terminal } from '../output/terminal.ts';
import { type Kind, matching, only } from '../resolve.ts';

const titleOf = ({ name, key }: NearbyInfo): string =>
  name === null ? key.slice(0, 8) : printable(name);

function fingerprintLines(terminal: Terminal, { fingerprint }: NearbyInfo): string[] {
  if (fingerprint === null) return [];
  return [
    `  ${terminal.paint('bold', fingerprint.words.join(' '))}`,
    `  ${fingerprint.icons.join(', ')}`,
  ];
}

function nearbyLines(terminal: Terminal, peers: readonly NearbyInfo[]): string[] {
  if (peers.length === 0) {
    return ['Nobody is nearby, or nobody lets you see them: skerry nearby --show everyone'];
  }
  const table = terminal.table<NearbyInfo>(
    [
      { title: 'NAME', cell: ({ name }) => (name === null ? '' : printable(name)), shrinkTo: 8 },
      { title: 'STATE', cell: ({ state }) => state ?? 'stranger' },
      { title: 'ADDRESS', cell: ({ addresses }) => addresses[0] ?? '', shrinkTo: 12 },
      { title: 'KEY', cell: ({ key }) => shortKey(key) },
    ],
    peers,
  );
  const drawn = peers.filter(
    ({ state, fingerprint }) =>
      fingerprint !== null && (state === 'requested' || state === 'invited'),
  );
  return [
    ...table,
    ...drawn.flatMap((peer) => [
      '',
      `${titleOf(peer)} must show the same:`,
      ...fingerprintLines(terminal, peer),
    ]),
  ];
}

const nearbyKind: Kind<NearbyInfo> = {
  word: 'peer nearby',
  missing: 'nearby-not-found',
  id: ({ key }) => key,
  name: ({ name }) => name,
  capitals: true,
};

async function findNearby(api: ApiClient, text: string): Promise<NearbyInfo> {
  const here = (await api.call('nearby.list', {})).filter(({ seenAt }) => seenAt !== null);
  return only(nearbyKind, matching(nearbyKind, here, text), text);
}

export function addNearby(program: Command): void {
  const nearby = program
    .command('nearby')
    .description('list the peers on this network, or say who sees this one')
    .addOption(
      new Option('--show <to>', 'who finds this peer here').choices([
        'everyone',
        'contacts',
        'off',
      ]),
    )
    .option('--name', 'let strangers here read its name')
    .option('--no-name', 'do not')
    .addHelpText(
      'after',
      examples('skerry nearby', 'skerry nearby --show everyone', 'skerry nearby ask ada'),
    )
    .action(
      action(
        async (
          { home, terminal },
          { show, name }: { show?: 'everyone' | 'contacts' | 'off'; name?: boolean },
        ) => {
          if (show === undefined && name === undefined) {
            const peers = await withPeer(home, (api) => api.call('nearby.list', {}));
            terminal.result(peers, () => nearbyLines(terminal, peers));
            return;
          }
          const settings = await withPeer(home, (api) =>
            api.call('nearby.set', {
              ...(show !== undefined && { lan: show }),
              ...(name !== undefined && { name }),
            }),
          );
          const who = { everyone: 'Everyone', contacts: 'Only contacts', off: 'Nobody' };
          const named = settings.lan === 'everyone' && settings.name ? ', by its name' : '';
          terminal.result(settings, () => [
            `${who[settings.lan]} on this network can find this peer${named}.`,
          ]);
        },
      ),
    );
  nearby
    .command('ask')
    .description('ask a peer on this network to become a contact')
    .argument('<peer>', 'name, key or start of the key')
    .addHelpText('after', examples('skerry nearby ask ada'))
    .action(
      action(async ({ home, terminal }, text: string) => {
        const asked = await withPeer(home, async (api) => {
          const { key, name } = await findNearby(api, text);
          const contact = await api.call('nearby.ask', { key });
          const now = (await api.call('nearby.list', {})).find((peer) => peer.key === key);
          return { contact, peer: now, title: name === null ? key.slice(0, 8) : printable(name) };
        });
        terminal.result(asked.contact, () => {
          if (asked.contact.state === 'accepted') return [`${asked.title} is your contact.`];
          const lines = asked.peer === undefined ? [] : fingerprintLines(terminal, asked.peer);
          return [
            `Asked ${asked.title}; they have to accept.`,
            ...(lines.length === 0
              ? ['They drew no words with this peer: compare the keys instead.']
              : ['Their screen must show the same, or somebody stands between you:', ...lines]),
          ];
        });
      }),
    );
}
