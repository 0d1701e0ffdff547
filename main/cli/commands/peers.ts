import { Argument, type Command } from 'commander';
import type { ContactInfo } from '../../api/contract.ts';
import { withPeer } from '../connection.ts';
import { action, examples } from '../context.ts';
import { shortKey, spanText } from '../output/human.ts';
import { printable } from '../output/printable.ts';
import type { Column } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';
import { findContact, isChosen } from '../resolve.ts';

function presence({ online, link, lastSeenAt }: ContactInfo, now: number): string {
  if (link !== null) return `${link.path} ${link.rttMs.toFixed(link.rttMs < 10 ? 1 : 0)} ms`;
  if (online) return 'online';
  return lastSeenAt === null ? 'never' : `${spanText(now - lastSeenAt)} ago`;
}

function peerLines(terminal: Terminal, contacts: readonly ContactInfo[], keys: boolean): string[] {
  if (contacts.length === 0) return ['No contacts yet. Make an invite with: skerry invite'];
  const now = Date.now();
  const columns: Column<ContactInfo>[] = [
    { title: 'NAME', cell: ({ name }) => printable(name), shrinkTo: 8 },
    {
      title: 'STATE',
      cell: ({ state }) => state,
      paint: (cell, { state }) => (state === 'requested' ? terminal.paint('yellow', cell) : cell),
    },
  ];
  const seen: Column<ContactInfo> = {
    title: 'SEEN',
    cell: (contact) => presence(contact, now),
    paint: (cell, { online }) => (online ? terminal.paint('green', cell) : cell),
  };
  // A whole key leaves no room for more on 80 columns.
  if (keys) columns.push({ title: 'KEY', cell: ({ key }) => key });
  else columns.push(seen, { title: 'KEY', cell: ({ key }) => shortKey(key) });
  return terminal.table(columns, contacts);
}

export function addPeers(program: Command): void {
  const peers = program
    .command('peers')
    .description('list the contacts, or decide about one')
    .option('--keys', 'show whole keys, to compare them')
    .addHelpText(
      'after',
      examples('skerry peers', 'skerry peers accept ada', 'skerry peers --keys'),
    )
    .action(
      action(async ({ home, terminal }, { keys }: { keys?: true }) => {
        const contacts = await withPeer(home, (api) => api.call('contacts.list', {}));
        terminal.result(contacts, () => peerLines(terminal, contacts, keys === true));
      }),
    );
  peers
    .command('accept')
    .description('accept a request, or a contact that was blocked')
    .argument('<peer>', 'name, key or start of the key')
    .addHelpText('after', examples('skerry peers accept ada'))
    .action(
      action(async ({ home, terminal }, peer: string) => {
        const contact = await withPeer(home, async (api) => {
          const { key } = await findContact(api, peer, ({ state }) => state !== 'accepted');
          return await api.call('contacts.accept', { key });
        });
        terminal.result(contact, () => [`Accepted ${printable(contact.name)}.`]);
      }),
    );
  peers
    .command('block')
    .description('end the link to a contact and refuse it from now on')
    .argument('<peer>', 'name, key or start of the key')
    .addHelpText('after', examples('skerry peers block mallory'))
    .action(
      action(async ({ home, terminal }, peer: string) => {
        const contact = await withPeer(home, async (api) => {
          const { key } = await findContact(api, peer);
          return await api.call('contacts.block', { key });
        });
        terminal.result(contact, () => [`Blocked ${printable(contact.name)}.`]);
      }),
    );
  peers
    .command('relay')
    .description('carry between a contact and others, and be reached through it')
    .argument('<peer>', 'name, key or start of the key')
    .addArgument(new Argument('<state>', 'on or off').choices(['on', 'off']))
    .addHelpText('after', examples('skerry peers relay ada on', 'skerry peers relay ada off'))
    .action(
      action(async ({ home, terminal }, peer: string, state: 'on' | 'off') => {
        const contact = await withPeer(home, async (api) => {
          const { key } = await findContact(api, peer, isChosen);
          return await api.call('contacts.relay', { key, on: state === 'on' });
        });
        terminal.result(contact, () => [
          contact.relay
            ? `Relays for ${printable(contact.name)}, once they switch it on for you too.`
            : `Does not relay for ${printable(contact.name)}.`,
        ]);
      }),
    );
  peers
    .command('remove')
    .description('forget a contact')
    .argument('<peer>', 'name, key or start of the key')
    .addHelpText('after', examples('skerry peers remove ada'))
    .action(
      action(async ({ home, terminal }, peer: string) => {
        const { name, result } = await withPeer(home, async (api) => {
          const contact = await findContact(api, peer);
          return {
            name: contact.name,
            result: await api.call('contacts.remove', { key: contact.key }),
          };
        });
        terminal.result(result, () => [`Removed ${printable(name)}.`]);
      }),
    );
}
