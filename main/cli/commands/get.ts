import { mkdir, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { ApiClient, TransferInfo } from '../../api/contract.ts';
import { codeOf } from '../../base/errors.ts';
import { whileConnected, withPeer } from '../connection.ts';
import { action, type Context, examples } from '../context.ts';
import { CliError } from '../errors.ts';
import { exitCodeOfSignal } from '../exit-codes.ts';
import { Interrupted } from '../failure.ts';
import { shortKey } from '../output/human.ts';
import { printable } from '../output/printable.ts';
import { contactOfTarget, offerOfTarget } from '../remote-target.ts';
import { type Download, hasEnded, startOrResume } from '../resume.ts';
import { onStopSignals, type StopSignal } from '../signals.ts';
import { doneSentence, failureOf, TransferProgress } from '../transfer-report.ts';

/** How long Ctrl-C waits for the peer to say that the transfer is cancelled. */
const CANCEL_WAIT_MS = 5_000;

interface GetOptions {
  readonly output: string;
  readonly wait: boolean;
  readonly progress?: true;
}

/** The folder to download into, absolute; made when it is missing. */
async function targetFolder(path: string): Promise<string> {
  const folder = resolve(path);
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    const isFile = (await stat(folder).catch(() => null))?.isFile() === true;
    const why = isFile ? 'it is a file' : (codeOf(cause) ?? 'unknown reason');
    throw new CliError('folder-unusable', `The folder ${folder} cannot be made or used: ${why}.`, {
      cause,
    });
  }
  return folder;
}

/**
 * Starts a transfer and follows it to its end. The first stop signal cancels it, a second one leaves at once.
 *
 * @returns how it ended, and the signal that cancelled it
 */
async function follow(
  api: ApiClient,
  params: Download,
  report: TransferProgress,
): Promise<{ transfer: TransferInfo; signal: StopSignal | null }> {
  const { promise, resolve: settle, reject } = Promise.withResolvers<TransferInfo>();
  let id: string | null = null;
  let signal: StopSignal | null = null;
  const see = (transfer: TransferInfo): void => {
    if (hasEnded(transfer)) settle(transfer);
    else report.show(transfer);
  };
  // Listening before starting: no change can fall between. What came before the id was known is in the answer.
  const offEvents = api.onEvent((event) => {
    if (event.event !== 'transfer' || id === null || event.subject !== id) return;
    if (event.data === null)
      reject(new CliError('transfer-not-found', 'The transfer was removed.'));
    else see(event.data);
  });
  const cancel = (): void => {
    if (id !== null) api.call('transfers.cancel', { id }).then(see, reject);
  };
  const offSignals = onStopSignals(
    (first) => {
      signal = first;
      cancel();
      setTimeout(() => {
        reject(new Interrupted('The peer did not answer in time.', exitCodeOfSignal(first)));
      }, CANCEL_WAIT_MS).unref();
    },
    (second) => {
      report.clear();
      process.exit(exitCodeOfSignal(second));
    },
  );
  try {
    const started = await startOrResume(api, params);
    id = started.id;
    see(started);
    if (signal !== null) cancel();
    return { transfer: await whileConnected(api, promise), signal };
  } finally {
    offEvents();
    offSignals();
    report.clear();
  }
}

async function get({ home, terminal }: Context, text: string, options: GetOptions): Promise<void> {
  const { transfer, signal } = await withPeer(home, async (api) => {
    const target = await contactOfTarget(api, text);
    if (target.rest === '') {
      const name = printable(target.contact.name);
      throw new CliError('usage', `Name what to get from ${name}: <peer>/<share>.`, {
        hint: `See what there is with \`skerry ls ${shortKey(target.contact.key)}\`.`,
      });
    }
    const { contact, offer, path } = await offerOfTarget(api, terminal, target);
    const into = await targetFolder(options.output);
    const params = { peer: contact.key, share: offer.id, path, into };
    if (!options.wait) return { transfer: await startOrResume(api, params), signal: null };
    return await follow(api, params, new TransferProgress(terminal, options.progress === true));
  });
  if (!options.wait && !hasEnded(transfer)) {
    terminal.result(transfer, () => [`Started ${transfer.id}; see it with: skerry transfers`]);
    return;
  }
  if (transfer.state === 'done') {
    terminal.result(transfer, () => [doneSentence(transfer)]);
    return;
  }
  if (terminal.json) terminal.result(transfer, () => []);
  throw signal !== null && transfer.state === 'cancelled'
    ? new Interrupted(
        'Cancelled.',
        exitCodeOfSignal(signal),
        'Run the same command again to go on where it stopped.',
      )
    : failureOf(transfer);
}

export function addGet(program: Command): void {
  program
    .command('get')
    .description('download a share, or a file or folder of it; an interrupted one goes on')
    .argument('<target>', 'peer/share or peer/share/path')
    .usage('[options] <peer>/<share>[/path]')
    .option('-o, --output <dir>', 'folder to download into; made when missing', '.')
    .option('--no-wait', 'start it and return; the peer goes on by itself')
    .option('--progress', 'with --json: also one {"transfer":…} a change on stderr')
    .addHelpText(
      'after',
      examples('skerry get ada/photos', 'skerry get ada/photos/2026/may.jpg -o ~/Downloads'),
    )
    .action(action(get));
}
