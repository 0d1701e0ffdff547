/** What one account gives to and takes from others. */
import type { RouterLog } from '../log.ts';
import type { AccountOptions } from '../options.ts';
import type { Account } from './account.ts';
import type { LinkedAccount } from './cycles.ts';
import { ExportTable } from './exports.ts';
import type { CompiledImport } from './imports.ts';
import { PendingReplies } from './pending-replies.ts';
import type { ResponseSweep } from './response-sweep.ts';
import { Responses } from './responses.ts';
import { ServiceImport } from './service-import.ts';
import { StreamImports } from './stream-imports.ts';

/** What exchanges need of the router. */
export interface ExchangeContext {
  readonly log: RouterLog;
  readonly sweep: ResponseSweep;
  /** Stands in the replies of requests that are sampled. */
  readonly serverMark: string;
  serverName(): string;
  responsesOf(account: Account): Responses;
}

export class Exchange implements LinkedAccount {
  readonly account: Account;
  readonly context: ExchangeContext;
  /** It is the account of system events, to which more is told of who asks. */
  readonly isSystem: boolean;
  readonly exports = new ExportTable();
  readonly replies: PendingReplies;
  readonly responses: Responses;
  options: AccountOptions;
  readonly #streams: StreamImports;
  readonly #services = new Map<string, ServiceImport>();

  constructor(
    account: Account,
    context: ExchangeContext,
    options: AccountOptions,
    isSystem: boolean,
  ) {
    this.account = account;
    this.context = context;
    this.options = options;
    this.isSystem = isSystem;
    this.replies = new PendingReplies(account, context.sweep);
    this.responses = new Responses(account, this.replies, context);
    this.#streams = new StreamImports(account);
  }

  get name(): string {
    return this.account.name;
  }

  get imports(): CompiledImport[] {
    return [...this.#streams.compiled, ...[...this.#services.values()].map((one) => one.compiled)];
  }

  /**
   * Takes these imports, and only these. What stays the same goes on undisturbed; requests under way are
   * answered whatever becomes of the import that they came through.
   */
  adoptImports(wanted: readonly { compiled: CompiledImport; exporter: Exchange }[]): void {
    this.#streams.adopt(
      wanted
        .filter(({ compiled }) => compiled.kind === 'stream')
        .map(({ compiled, exporter }) => ({ compiled, exporter: exporter.account })),
    );
    const ended = new Map(this.#services);
    this.#services.clear();
    for (const { compiled, exporter } of wanted) {
      if (compiled.kind !== 'service') continue;
      let service = ended.get(compiled.key);
      if (service?.exporter === exporter) ended.delete(compiled.key);
      else service = new ServiceImport(compiled, this, exporter);
      service.service = exporter.exports.service(compiled.remote);
      this.#services.set(compiled.key, service);
    }
    for (const service of ended.values()) service.end();
  }

  close(): void {
    this.adoptImports([]);
    this.replies.close();
    this.responses.close();
  }
}
