import { once } from 'node:events';
import type { Command } from 'commander';
import type { ApiClient, BrowsePage, EntryInfo } from '../../api/contract.ts';
import { withPeer } from '../connection.ts';
import { action, type Context, examples } from '../context.ts';
import { positiveInteger } from '../options.ts';
import { bytesText, countText, timeText } from '../output/human.ts';
import { jsonLine, printable } from '../output/printable.ts';
import type { Terminal } from '../output/terminal.ts';
import { fit } from '../output/width.ts';
import { contactOfTarget, offerOfTarget, type OfferTarget, offersOf } from '../remote-target.ts';
import { offerLines } from './inbox.ts';

const PAGE = 1000;

interface LsOptions {
  readonly limit?: number;
  readonly after?: string;
}

/** The pages of a folder until it ends or `limit` entries came. */
async function* pagesOf(
  api: ApiClient,
  { contact, offer, path }: OfferTarget,
  { limit = Infinity, after }: LsOptions,
): AsyncGenerator<BrowsePage> {
  let left = limit;
  let next: string | undefined = after;
  while (left > 0) {
    const page: BrowsePage = await api.call('offers.browse', {
      peer: contact.key,
      share: offer.id,
      path,
      limit: Math.min(PAGE, left),
      ...(next !== undefined && { after: next }),
    });
    yield page;
    if (page.next === null) return;
    next = page.next;
    left -= page.entries.length;
  }
}

/** Columns of fixed width with the name last: a listing of a million entries is printed as it comes. */
function entryLine({ name, kind, bytes, files, modifiedAt }: EntryInfo, width: number): string {
  const shown = `${printable(name)}${kind === 'folder' ? '/' : ''}`;
  const cells = [
    bytesText(bytes).padStart(8),
    countText(files).padStart(9),
    timeText(modifiedAt).padEnd(16),
  ];
  return fit(`${cells.join('  ')}  ${shown}`, width);
}

async function write(terminal: Terminal, text: string): Promise<void> {
  if (!terminal.stdout.write(text)) await once(terminal.stdout, 'drain');
}

const HEADING = `${'SIZE'.padStart(8)}  ${'FILES'.padStart(9)}  ${'MODIFIED'.padEnd(16)}  NAME`;

async function printEntries(terminal: Terminal, pages: AsyncIterable<BrowsePage>): Promise<void> {
  let count = 0;
  let next: string | null = null;
  for await (const page of pages) {
    if (count === 0 && page.entries.length > 0) {
      await write(terminal, `${terminal.paint('bold', HEADING)}\n`);
    }
    const lines = page.entries.map((entry) => `${entryLine(entry, terminal.width)}\n`);
    await write(terminal, lines.join(''));
    count += page.entries.length;
    next = page.next;
  }
  if (next !== null) terminal.note(`There is more: --after ${printable(next)}`);
  else if (count === 0) terminal.note('The folder is empty.');
}

/** One `BrowsePage` of all pages, written as they come. */
async function printJson(terminal: Terminal, pages: AsyncIterable<BrowsePage>): Promise<void> {
  let before = '{"entries":[';
  let next: string | null = null;
  for await (const page of pages) {
    for (const entry of page.entries) {
      await write(terminal, `${before}${jsonLine(entry)}`);
      before = ',';
    }
    next = page.next;
  }
  if (before !== ',') await write(terminal, before);
  await write(terminal, `],"next":${jsonLine(next)}}\n`);
}

async function ls({ home, terminal }: Context, text: string, options: LsOptions): Promise<void> {
  await withPeer(home, async (api) => {
    const target = await contactOfTarget(api, text);
    if (target.rest !== '') {
      const pages = pagesOf(api, await offerOfTarget(api, terminal, target), options);
      await (terminal.json ? printJson(terminal, pages) : printEntries(terminal, pages));
      return;
    }
    const offers = await offersOf(api, terminal, target.contact, ({ length }) => length > 0);
    terminal.result(offers, () =>
      offers.length === 0
        ? [`${printable(target.contact.name)} offers you nothing.`]
        : offerLines(terminal, offers),
    );
  });
}

export function addLs(program: Command): void {
  program
    .command('ls')
    .description('list what a contact offers, or a folder of it')
    .argument('<target>', 'peer, peer/share or peer/share/path')
    .usage('[options] <peer>[/<share>[/path]]')
    .option('--limit <n>', 'at most this many entries of a folder', positiveInteger)
    .option('--after <cursor>', 'go on where an answer with --limit ended (its `next`)')
    .addHelpText('after', examples('skerry ls ada', 'skerry ls ada/photos/2026'))
    .action(action(ls));
}
