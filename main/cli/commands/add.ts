import type { Command } from 'commander';
import type { ApiClient, ContactInfo, InvitePreview } from '../../api/contract.ts';
import { PeerError } from '../../peer/errors.ts';
import { withPeer } from '../connection.ts';
import { action, type Context, examples } from '../context.ts';
import { CliError } from '../errors.ts';
import { factLines } from '../output/facts.ts';
import { timeText } from '../output/human.ts';
import { printable } from '../output/printable.ts';
import type { Terminal } from '../output/terminal.ts';
import { canAsk, confirm } from '../prompt.ts';

interface AddOptions {
  readonly yes?: true;
  readonly at?: string;
}

/** What an invite or a key says, before anything is done with it. */
interface Preview {
  readonly key: string;
  readonly name: string | null;
  readonly ways: readonly string[];
  readonly state: InvitePreview['state'];
  readonly expiresAt: number | null;
}

async function previewOf(api: ApiClient, target: string, at: string | undefined): Promise<Preview> {
  // Loaded here alone: the schemas would double the time that every other command takes to start.
  const { PeerKey } = await import('../../api/contract.ts');
  if (PeerKey.safeParse(target).success) {
    const known = (await api.call('contacts.list', {})).find(({ key }) => key === target);
    return {
      key: target,
      name: known?.name ?? null,
      ways: at === undefined ? [] : [`udp ${at}`],
      state: known?.state ?? null,
      expiresAt: null,
    };
  }
  const preview = await api.call('invites.preview', { link: target });
  if (preview.expired) {
    throw new PeerError('invite-expired', `The invite expired at ${timeText(preview.expiresAt)}.`);
  }
  return preview;
}

function show(terminal: Terminal, preview: Preview): void {
  const lines = factLines(terminal, [
    ['key', [preview.key]],
    ['name', [preview.name === null ? 'not known yet' : `"${printable(preview.name)}"`]],
    [
      'ways',
      preview.ways.length > 0
        ? preview.ways.map((way) => printable(way))
        : ['none but those of your NATS servers'],
    ],
    ...(preview.state === null ? [] : [['already', [preview.state]] as const]),
  ]);
  terminal.stderr.write(`${lines.join('\n')}\n`);
}

function sentenceOf(contact: ContactInfo): string {
  const name = printable(contact.name);
  if (contact.online) return `Added ${name}; you are linked.`;
  if (contact.state === 'accepted') {
    return `Added ${name}; the link comes up when both are online.`;
  }
  return `Asked ${name}; you are contacts when they accept.`;
}

async function add(
  { home, terminal }: Context,
  target: string,
  { yes, at }: AddOptions,
): Promise<void> {
  const contact = await withPeer(home, async (api) => {
    const preview = await previewOf(api, target, at);
    if (yes !== true) {
      if (!canAsk()) {
        const name = preview.name === null ? '' : ` ("${printable(preview.name)}")`;
        throw new CliError(
          'not-confirmed',
          `Nobody can be asked here whether to add ${preview.key}${name}.`,
        );
      }
      show(terminal, preview);
      if (!(await confirm('Add this peer to your contacts?'))) {
        throw new CliError('not-confirmed', 'Not added.', { hint: '' });
      }
    }
    return await api.call('contacts.add', { target, ...(at !== undefined && { at }) });
  });
  terminal.result(contact, () => [sentenceOf(contact)]);
}

export function addAdd(program: Command): void {
  program
    .command('add')
    .description('add a contact by its invite, or ask one by its key')
    .argument('<invite|key>', 'skerry://invite/… or A… (56 characters)')
    .option('-y, --yes', 'add it without asking')
    .option('--at <host:port>', 'where to find a bare key, e.g. 192.0.2.7:41641')
    .addHelpText(
      'after',
      examples('skerry add "skerry://invite/…"', 'skerry add --yes --at 192.0.2.7:41641 A…'),
    )
    .action(action(add));
}
