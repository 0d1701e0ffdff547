import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Headless, HeadlessOptions } from '../../headless.ts';
import { action, type Context, examples } from '../context.ts';
import { exitCodeOfSignal } from '../exit-codes.ts';
import { natsServer, port } from '../options.ts';
import { factLines } from '../output/facts.ts';
import { printable } from '../output/printable.ts';
import { onStopSignals } from '../signals.ts';
import { passphraseFile } from '../protection.ts';
import { addressFacts } from './status.ts';

interface UpOptions {
  readonly name?: string;
  readonly port?: number;
  readonly udp: boolean;
  readonly nats?: readonly string[];
  readonly prefix: string;
  readonly creds?: string;
  readonly uiPort?: number;
  readonly ui: boolean;
  readonly downloads?: string;
  readonly logLevel?: string;
}

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
        prefix,
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
  const offSignals = onStopSignals(
    () => {
      context.terminal.note('Stopping; once more to end at once.');
      stopping.resolve();
    },
    (signal) => process.exit(exitCodeOfSignal(signal)),
    ['SIGINT', 'SIGTERM', 'SIGHUP'],
  );
  try {
    const peer = await start(headlessOptions(context.home, options));
    try {
      await tellReady(context, peer);
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
    .option('--port <n>', 'UDP port (default: one that is chosen once and kept)', port)
    .option('--no-udp', 'no UDP at all; needs --nats')
    .option('--nats <url>', 'use this NATS deployment; repeat it for more', natsServer)
    .option('--prefix <subject>', 'subject prefix on the NATS deployments', 'skerry')
    .option('--creds <file>', 'NATS credentials for the deployments')
    .option('--ui-port <n>', 'loopback port of the UI (default: any)', port)
    .option('--no-ui', 'serve no UI')
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
        const { startHeadless } = await import('../../headless.ts');
        await runPeer(context, options, startHeadless);
      }),
    );
}
