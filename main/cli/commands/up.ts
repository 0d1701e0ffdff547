import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Headless, HeadlessOptions } from '../../headless.ts';
import { action, type Context, examples } from '../context.ts';
import { CliError } from '../errors.ts';
import { exitCodeOfSignal } from '../exit-codes.ts';
import { natsServer, port } from '../options.ts';
import { factLines } from '../output/facts.ts';
import { printable } from '../output/printable.ts';
import { openInBrowser } from '../open-browser.ts';
import { onStopSignals } from '../signals.ts';
import { passphraseFile } from '../protection.ts';
import { addressFacts } from './status.ts';

/** As in the configuration, whose schemas would double the time that every command takes to start. */
const DEFAULT_PREFIX = 'skerry';

interface UpOptions {
  readonly name?: string;
  readonly port?: number;
  readonly udp: boolean;
  readonly nats?: readonly string[];
  readonly prefix?: string;
  readonly creds?: string;
  readonly uiPort?: number;
  readonly ui: boolean;
  readonly open?: boolean;
  readonly downloads?: string;
  readonly logLevel?: string;
}

/** @throws CliError `usage` */
function headlessOptions(home: string, options: UpOptions): HeadlessOptions {
  const {
    name,
    port: udpPort,
    udp,
    nats,
    prefix,
    creds,
    uiPort,
    ui,
    downloads,
    logLevel,
  } = options;
  if (nats === undefined && (prefix ?? creds) !== undefined) {
    const message = '--creds and --prefix say something about --nats, which is missing.';
    throw new CliError('usage', message, { hint: 'See `skerry up --help`.' });
  }
  const passphrase = passphraseFile();
  return {
    home,
    ...(name !== undefined && { name }),
    ...((!udp || udpPort !== undefined) && {
      udp: { ...(!udp && { enabled: false }), ...(udpPort !== undefined && { port: udpPort }) },
    }),
    ...(nats !== undefined && {
      nats: nats.map((server) => ({
        server,
        prefix: prefix ?? DEFAULT_PREFIX,
        ...(creds !== undefined && { creds: resolve(creds) }),
      })),
    }),
    ...((!ui || uiPort !== undefined) && {
      ui: { ...(!ui && { enabled: false }), ...(uiPort !== undefined && { port: uiPort }) },
    }),
    ...(downloads !== undefined && { downloads: resolve(downloads) }),
    ...(passphrase !== undefined && { passphraseFile: resolve(passphrase) }),
    ...(logLevel !== undefined && { logLevel }),
  };
}

async function tellReady({ terminal }: Context, peer: Headless): Promise<void> {
  const status = await peer.status();
  terminal.result({ ready: true, status, url: peer.uiUrl }, () => [
    `Skerry ${status.version} runs as ${printable(status.name)}.`,
    ...factLines(terminal, [
      ['key', [status.key]],
      ...addressFacts(status),
      ['ui', [peer.uiUrl ?? 'none']],
    ]),
    'Stop it with Ctrl-C or: skerry stop',
  ]);
}

/**
 * Runs a peer until it is stopped: by the first stop signal (a second one ends the process at once), or by
 * `skerry stop`. Returns when everything is closed.
 *
 * @param start `startHeadless`; a parameter for tests
 */
export async function runPeer(
  context: Context,
  options: UpOptions,
  start: (options: HeadlessOptions) => Promise<Headless>,
): Promise<void> {
  const stopping: PromiseWithResolvers<void> = Promise.withResolvers();
  const checked = headlessOptions(context.home, options);
  let asked = false;
  const offSignals = onStopSignals(
    () => {
      context.terminal.note('Stopping; once more to end at once.');
      asked = true;
      stopping.resolve();
    },
    (signal) => process.exit(exitCodeOfSignal(signal)),
    ['SIGINT', 'SIGTERM', 'SIGHUP'],
  );
  try {
    const peer = await start(checked);
    try {
      if (!asked) await tellReady(context, peer);
      if (options.open === true && peer.uiUrl !== null) openInBrowser(peer.uiUrl, context.home);
      await Promise.race([peer.stopped, stopping.promise]);
    } finally {
      await peer.stop();
    }
  } finally {
    offSignals();
  }
}

export function addUp(program: Command): void {
  program
    .command('up')
    .description('run a peer in the foreground, with its UI for a browser on this machine')
    .option('--name <name>', 'name that contacts see (default: the computer’s)')
    .option('--port <n>', 'UDP port (default: the one of the last start)', port)
    .option('--no-udp', 'no UDP; contacts are met by NATS alone')
    .option('--nats <url>', 'use this NATS deployment; repeat it for more', natsServer)
    .option('--prefix <subject>', `subject prefix there (default: "${DEFAULT_PREFIX}")`)
    .option('--creds <file>', 'NATS credentials for them')
    .option('--ui-port <n>', 'loopback port of the UI (default: any)', port)
    .option('--no-ui', 'serve no UI')
    .option('--open', 'open the UI in the browser')
    .option('--downloads <dir>', 'where downloads from the UI land')
    .addOption(
      new Option('--log-level <level>', 'what is logged on stderr').choices([
        'silent',
        'error',
        'warn',
        'info',
        'debug',
        'trace',
      ]),
    )
    .addHelpText(
      'after',
      examples('skerry up', 'skerry up --no-udp --nats nats://nats.example.org:4222 --json'),
    )
    .action(
      action(async (context, options: UpOptions) => {
        await runPeer(context, options, async (checked) => {
          const { startHeadless } = await import('../../headless.ts');
          return await startHeadless(checked);
        });
      }),
    );
}
