import { messageOf } from '../../base/errors.ts';
import { loadConfig } from '../config/load.ts';
import { configure } from './configure.ts';
import { openControl, pipeOf } from './control-channel.ts';
import { FlagError, parseFlags, type CommandLine, type Flags } from './flags.ts';
import { PROCESS_TITLE, sendSignal } from './send-signal.ts';
import { ServerLog } from './server-log.ts';
import { Service } from './service.ts';
import { handledSignals } from './signals.ts';
import { tlsUsage, usage, versionText } from './usage.ts';

/** How errors before the log are signed; suites look for it. */
const NAME = 'nats-server';

/** What of `process` is needed. */
export interface RouterProcess {
  title: string;
  readonly pid: number;
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  exit(code: number): void;
  kill(pid: number, signal: NodeJS.Signals): unknown;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  off(event: string, listener: (...args: unknown[]) => void): unknown;
}

/**
 * `skerry router …`: runs a router until it is told to end, or does what else its flags say. The process is the
 * server: its id is in pid file, ports file and log.
 * @param words the command line behind `router`
 * @returns the exit code
 */
export async function runRouter(words: readonly string[], proc: RouterProcess): Promise<number> {
  let line: CommandLine;
  try {
    line = parseFlags(words);
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    proc.stderr.write(`${error.message}\n`);
    proc.stdout.write(`${usage}\n`);
    return 0;
  }
  const { flags, rest } = line;
  const word = rest[0]?.toLowerCase();
  try {
    if (flags.version === true || word === 'version') return print(proc, versionText());
    if (flags.help === true || word === 'help') return print(proc, `${usage}\n`);
    if (flags.tlsHelp === true) return print(proc, tlsUsage());
    if (word !== undefined) throw new Error(`unrecognized command: "${rest[0] ?? ''}"`);
    if ((flags.signal ?? '') !== '') {
      await sendSignal(flags.signal ?? '', proc);
      return 0;
    }
    if (flags.check === true) return check(flags, proc);
    return await serve(flags, proc);
  } catch (error) {
    proc.stderr.write(`${NAME}: ${messageOf(error)}\n`);
    return 1;
  }
}

function print(proc: RouterProcess, text: string): number {
  proc.stdout.write(text);
  return 0;
}

/** `-t`. As in nats-server, what is merely discouraged fails the check too. */
function check(flags: Flags, proc: RouterProcess): number {
  const { config = '' } = flags;
  if (config === '') {
    throw new Error('must specify [-c, --config] option to check configuration file syntax');
  }
  const { warnings } = loadConfig(config, proc.env);
  if (warnings.length > 0) throw new Error(warnings.join('\n'));
  proc.stderr.write(`${NAME}: configuration file ${config} is valid\n`);
  return 0;
}

async function serve(flags: Flags, proc: RouterProcess): Promise<number> {
  // Also hides the command line, which may hold a password, from the process list.
  proc.title = PROCESS_TITLE;
  const configuration = configure(flags, proc.env);
  // What only tells something needs none of it.
  const { Router } = await import('../router.ts');
  const { writeInThreadPool } = await import('../listen/pool-socket.ts');
  writeInThreadPool();
  const log = new ServerLog(proc.pid);
  log.configure(configuration.options.log);
  const service = new Service({
    pid: proc.pid,
    log,
    configuration,
    configFile: (flags.config ?? '') === '' ? undefined : flags.config,
    configure: () => configure(flags, proc.env),
    createRouter: (options, routerLog) => new Router(options, routerLog),
  });
  const stopListening = listenToSignals(proc, service, log);
  const control =
    proc.platform === 'win32' ? await listenToPipe(proc.pid, service, log) : undefined;
  await service.start();
  const code = await service.ended;
  control?.close();
  await log.close();
  stopListening();
  // Whatever of a drain that was cut short still runs.
  proc.exit(code);
  return code;
}

/** Without it the router runs all the same, and is ended by `stop` alone. */
async function listenToPipe(
  pid: number,
  service: Service,
  log: ServerLog,
): Promise<{ close(): void } | undefined> {
  try {
    return await openControl(pipeOf(pid), (command) => service.handle(command));
  } catch (error) {
    log.warn(`No commands by --signal: ${messageOf(error)}`);
    return undefined;
  }
}

function listenToSignals(proc: RouterProcess, service: Service, log: ServerLog): () => void {
  const listeners = handledSignals(proc.platform).map(([signal, command]) => {
    const listener = (): void => {
      log.debug(`Trapped "${signal}" signal`);
      service.handle(command);
    };
    proc.on(signal, listener);
    return () => proc.off(signal, listener);
  });
  const crash = (error: unknown): void => {
    log.fatal(error instanceof Error ? (error.stack ?? error.message) : String(error));
    log.flushSync();
    proc.exit(1);
  };
  proc.on('uncaughtException', crash);
  return () => {
    for (const remove of listeners) remove();
    proc.off('uncaughtException', crash);
  };
}
