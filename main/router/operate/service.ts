import { messageOf } from '../../base/errors.ts';
import { packageVersion } from '../../base/version.ts';
import { COMPATIBLE_VERSION } from '../defaults.ts';
import type { RouterLog } from '../log.ts';
import type { RouterOptions } from '../options.ts';
import type { Configuration } from './configure.ts';
import { writePidFile } from './pid-file.ts';
import { removePortsFile, writePortsFile, type Ports } from './ports-file.ts';
import type { ServerLog } from './server-log.ts';
import type { Command } from './signals.ts';

/** What the service needs of the router. */
export interface Operable {
  readonly id: string;
  readonly name: string;
  /** What the system account calls to have the configuration read again. */
  rereadConfiguration?: (() => Promise<void>) | undefined;
  start(): Promise<void>;
  addresses(): Ports;
  reload(options: RouterOptions): Promise<{ applied: string[] }>;
  lameDuck(): Promise<void>;
  stop(): Promise<void>;
}

export interface ServiceParts {
  readonly pid: number;
  readonly log: ServerLog;
  readonly configuration: Configuration;
  /** Path of the configuration file, if there is one. */
  readonly configFile?: string | undefined;
  /** Reads file and flags again. Throws like `configure`. */
  readonly configure: () => Configuration;
  readonly createRouter: (options: RouterOptions, log: RouterLog) => Operable;
}

/** A launcher and the terminal may pass on one and the same request. */
const SAME_REQUEST_MS = 200;

type Phase = 'starting' | 'running' | 'lame duck' | 'draining' | 'ended';

/** A router as a process has it: files, log lines, and what it is told by signals. */
export class Service {
  readonly #parts: ServiceParts;
  readonly #log: ServerLog;
  readonly #ended = Promise.withResolvers<number>();
  #options: RouterOptions;
  #router: Operable | undefined;
  #phase: Phase = 'starting';
  #askedAt = 0;
  #reloading: Promise<void> = Promise.resolve();

  constructor(parts: ServiceParts) {
    this.#parts = parts;
    this.#log = parts.log;
    this.#options = parts.configuration.options;
  }

  /** Resolves with the exit code when the router has ended. */
  get ended(): Promise<number> {
    return this.#ended.promise;
  }

  /** Opens everything. A failure is a line in the log and ends the service with 1. */
  async start(): Promise<void> {
    try {
      const router = this.#parts.createRouter(this.#options, this.#log);
      this.#router = router;
      router.rereadConfiguration = () => this.#reloadInTurn();
      this.#announce(router);
      if ((this.#options.pidFile ?? '') !== '') {
        writePidFile(this.#options.pidFile ?? '', this.#parts.pid);
      }
      await router.start();
      this.#writePorts();
      if (this.#phase === 'starting') this.#phase = 'running';
      this.#log.info('Server is ready');
    } catch (error) {
      this.#log.fatal(messageOf(error));
      await this.#router?.stop().catch((reason: unknown) => this.#log.error(messageOf(reason)));
      this.#end(1);
    }
  }

  /** What a signal means now; `stop` never comes here. */
  handle(command: Command): void {
    switch (command) {
      case 'reload':
        // What went wrong is in the log.
        this.#reloadInTurn().catch(() => undefined);
        return;
      case 'reopen':
        this.#log.reopen();
        return;
      case 'ldm':
        void this.#lameDuck();
        return;
      case 'term':
        // The lame duck ends by itself: orchestrators send TERM right after they asked for it.
        if (this.#phase === 'lame duck') return;
        this.#endNow();
        return;
      case 'quit':
      case 'stop':
        this.#endNow();
    }
  }

  #announce(router: Operable): void {
    const log = this.#log;
    log.info('Starting nats-server');
    log.info(`  Version:  ${COMPATIBLE_VERSION}`);
    log.info(`  Skerry:   ${packageVersion()}`);
    log.info(`  Name:     ${router.name}`);
    log.info(`  ID:       ${router.id}`);
    if (this.#parts.configFile !== undefined) {
      log.info(`Using configuration file: ${this.#parts.configFile}`);
    }
    this.#tell(this.#parts.configuration);
  }

  #tell({ warnings, notes }: Configuration): void {
    for (const line of [...warnings, ...notes]) this.#log.warn(line);
  }

  /** A first time in order, a second time at once. */
  #endNow(): void {
    const now = performance.now();
    if (this.#phase === 'starting') this.#end(0);
    else if (this.#phase !== 'draining') {
      this.#askedAt = now;
      void this.#drain();
    } else if (now - this.#askedAt >= SAME_REQUEST_MS) this.#end(0);
  }

  async #drain(): Promise<void> {
    this.#phase = 'draining';
    this.#log.info('Initiating Shutdown...');
    await this.#router
      ?.stop()
      .catch((error: unknown) => this.#log.error(`Shutdown: ${messageOf(error)}`));
    this.#end(0);
  }

  async #lameDuck(): Promise<void> {
    if (this.#phase !== 'running') return;
    this.#phase = 'lame duck';
    this.#log.info('Entering lame duck mode, stop accepting new clients');
    await this.#router
      ?.lameDuck()
      .catch((error: unknown) => this.#log.error(`Lame duck mode: ${messageOf(error)}`));
    // Ended meanwhile by a signal.
    if (this.#phase === 'lame duck') await this.#drain();
  }

  /** One after the other. Rejects with what the log says. */
  #reloadInTurn(): Promise<void> {
    const done = this.#reloading.then(() => this.#reload());
    this.#reloading = done.catch(() => undefined);
    return done;
  }

  async #reload(): Promise<void> {
    if (this.#router === undefined || this.#phase !== 'running') return;
    try {
      if (this.#parts.configFile === undefined) {
        throw new Error('can only reload config when a file is provided using -c or --config');
      }
      const configuration = this.#parts.configure();
      const { applied } = await this.#takeUp(this.#router, configuration.options);
      this.#tell(configuration);
      for (const change of applied) this.#log.info(`Reloaded: ${change}`);
      this.#log.info('Reloaded server configuration');
    } catch (error) {
      const reason = messageOf(error).replaceAll('\n', '; ');
      this.#log.error(`Failed to reload server configuration: ${reason}`);
      throw error;
    }
  }

  /** All or nothing: the log file is opened first, and as it was again when the router does not follow. */
  async #takeUp(router: Operable, options: RouterOptions): Promise<{ applied: string[] }> {
    const before = this.#options;
    this.#log.configure(options.log);
    let result: { applied: string[] };
    try {
      result = await router.reload(options);
    } catch (error) {
      this.#log.configure(before.log);
      throw error;
    }
    this.#options = options;
    if (options.pidFile !== before.pidFile) this.#writePid();
    if (options.portsFileDir !== before.portsFileDir) {
      this.#removePorts(before);
      this.#writePorts();
    }
    return result;
  }

  #writePid(): void {
    const { pidFile = '' } = this.#options;
    if (pidFile === '') return;
    try {
      writePidFile(pidFile, this.#parts.pid);
    } catch (error) {
      this.#log.error(messageOf(error));
    }
  }

  #writePorts(): void {
    const { portsFileDir = '' } = this.#options;
    if (portsFileDir === '' || this.#router === undefined) return;
    try {
      writePortsFile(portsFileDir, this.#parts.pid, this.#router.addresses());
    } catch (error) {
      this.#log.error(`Error writing ports file (${portsFileDir}): ${messageOf(error)}`);
    }
  }

  #removePorts({ portsFileDir = '' }: RouterOptions): void {
    if (portsFileDir === '') return;
    try {
      removePortsFile(portsFileDir, this.#parts.pid);
    } catch (error) {
      this.#log.error(`Error removing ports file (${portsFileDir}): ${messageOf(error)}`);
    }
  }

  #end(code: number): void {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    this.#removePorts(this.#options);
    if (code === 0) this.#log.info('Server Exiting..');
    this.#ended.resolve(code);
  }
}
