import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { ApiClient, ShareInfo } from '../../api/contract.ts';
import { whileConnected, withPeer } from '../connection.ts';
import { action, type Context, examples } from '../context.ts';
import { CliError } from '../errors.ts';
import { exitCodeOfSignal } from '../exit-codes.ts';
import { Interrupted, ReportedFailure } from '../failure.ts';
import { bytesText, countText, filesText } from '../output/human.ts';
import { printable } from '../output/printable.ts';
import { ProgressLine } from '../output/progress-line.ts';
import type { Terminal } from '../output/terminal.ts';
import { findContact, isChosen } from '../resolve.ts';
import { collect } from '../options.ts';
import { onStopSignals } from '../signals.ts';

interface ShareOptions {
  readonly name?: string;
  readonly with: readonly string[];
  readonly wait?: true;
}

/** The audience in keys; every name must stand for one contact before anything is shared. */
async function audienceOf(
  api: ApiClient,
  names: readonly string[],
): Promise<'everyone' | string[]> {
  if (names.length === 0) return 'everyone';
  const keys = new Set<string>();
  for (const name of names) keys.add((await findContact(api, name, isChosen)).key);
  return [...keys];
}

/** Follows the hashing of a share to its end. Ctrl-C ends the waiting, not the hashing. */
async function hashed(api: ApiClient, terminal: Terminal, id: string): Promise<ShareInfo> {
  using progress = new ProgressLine(terminal);
  const { promise, resolve: settle, reject } = Promise.withResolvers<ShareInfo>();
  const see = (share: ShareInfo): void => {
    if (share.state !== 'hashing') settle(share);
    else if (!terminal.json) {
      progress.show({
        stage: 'hashing',
        bytes: { done: share.hashedBytes, total: share.bytes },
        files: null,
        rateBytesPerSecond: null,
        etaSeconds: null,
      });
    }
  };
  const gone = (): CliError => new CliError('share-failed', 'The share was taken back meanwhile.');
  const offEvents = api.onEvent((event) => {
    if (event.event !== 'share' || event.subject !== id) return;
    if (event.data === null) reject(gone());
    else see(event.data);
  });
  const offSignals = onStopSignals(
    (signal) =>
      reject(
        new Interrupted(
          'Stopped waiting; the share is hashed to its end.',
          exitCodeOfSignal(signal),
        ),
      ),
    (signal) => process.exit(exitCodeOfSignal(signal)),
  );
  try {
    // What happened between the answer to `shares.add` and the first event is in the list.
    const now = (await api.call('shares.list', {})).find((share) => share.id === id);
    if (now === undefined) throw gone();
    see(now);
    return await whileConnected(api, promise);
  } finally {
    offEvents();
    offSignals();
  }
}

function sentences(share: ShareInfo): string[] {
  const what = `${printable(share.name)} (${filesText(share.files)}, ${bytesText(share.bytes)})`;
  const whom = share.audience === 'everyone' ? 'everyone' : countText(share.audience.length);
  const audience = `with ${whom}${share.audience === 'everyone' ? ' you accepted' : share.audience.length === 1 ? ' contact' : ' contacts'}`;
  return [
    share.state === 'hashing'
      ? `Sharing ${printable(share.name)} ${audience}; it is being hashed and can be fetched as it grows.`
      : `Sharing ${what} ${audience}.`,
    ...(share.skipped.count === 0 ? [] : [`Left out: ${countText(share.skipped.count)}, e.g.`]),
    ...share.skipped.examples.slice(0, 3).map((example) => `  ${printable(example)}`),
  ];
}

async function share(
  { home, terminal }: Context,
  path: string,
  options: ShareOptions,
): Promise<void> {
  const result = await withPeer(home, async (api) => {
    const audience = await audienceOf(api, options.with);
    const started = await api.call('shares.add', {
      path: resolve(path),
      audience,
      ...(options.name !== undefined && { name: options.name }),
    });
    return options.wait === true ? await hashed(api, terminal, started.id) : started;
  });
  if (result.state === 'failed') {
    throw result.error === null
      ? new CliError('share-failed', 'The share could not be read.')
      : new ReportedFailure(result.error);
  }
  terminal.result(result, () => sentences(result));
}

export function addShare(program: Command): void {
  program
    .command('share')
    .description('share a file or a folder with everyone accepted, or with some contacts')
    .argument('<path>', 'file or folder')
    .option('--name <name>', 'what others see (default: the last part of the path)')
    .option('--with <peer>', 'only with this contact; repeat it for more', collect, [])
    .option('--wait', 'return when all of it is hashed')
    .addHelpText(
      'after',
      examples('skerry share ~/photos', 'skerry share talk.mp4 --with ada --with bob --wait'),
    )
    .action(action(share));
}
