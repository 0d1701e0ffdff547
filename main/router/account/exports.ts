/** What an account lets others have, and whom. Subjects are wire strings. */
import { RouterError } from '../errors.ts';
import type {
  AccountOptions,
  ExportOptions,
  ImportOptions,
  ServiceExportOptions,
} from '../options.ts';
import { isSubsetOf, isValidSubject } from '../subject/match.ts';
import { toWire } from '../subject/wire.ts';

/** Until when an activation token lets an account import; Unix ms, Infinity for ever. */
export interface Activation {
  readonly expires: number;
}

/** Checks the activation token of an import of something private. Undefined: it does not let it in. */
export type ActivationCheck = (
  exporter: string,
  importer: string,
  wanted: ImportOptions,
) => Activation | undefined;

export type Latency = NonNullable<ServiceExportOptions['latency']>;

/** An exported service. The object stays the same while its settings change, for the requests under way. */
export class ServiceExport {
  readonly subject: string;
  options: ServiceExportOptions;

  constructor(subject: string, options: ServiceExportOptions) {
    this.subject = subject;
    this.options = options;
  }
}

const FOR_EVER: Activation = { expires: Infinity };

export class ExportTable {
  readonly #streams = new Map<string, ExportOptions>();
  readonly #services = new Map<string, ServiceExport>();

  /** Becomes what the options say; services that stay keep their identity. */
  adopt(exports: readonly ExportOptions[]): void {
    this.#streams.clear();
    const services = new Set<string>();
    for (const one of exports) {
      const subject = toWire(one.subject);
      if (one.kind === 'stream') {
        this.#streams.set(subject, one);
        continue;
      }
      services.add(subject);
      const known = this.#services.get(subject);
      if (known === undefined) this.#services.set(subject, new ServiceExport(subject, one));
      else known.options = one;
    }
    for (const subject of this.#services.keys()) {
      if (!services.has(subject)) this.#services.delete(subject);
    }
  }

  service(subject: string): ServiceExport | undefined {
    return lookUp(this.#services, subject);
  }

  /** Whether a stream is exported that all of `subject` belongs to. */
  hasStream(subject: string): boolean {
    return lookUp(this.#streams, subject) !== undefined;
  }

  /** Whether an account may import this; undefined when it may not. */
  admit(
    exporter: string,
    importer: string,
    wanted: ImportOptions,
    check: ActivationCheck,
  ): Activation | undefined {
    const subject = toWire(wanted.subject);
    const { accounts, tokenRequired, accountTokenPosition } =
      (wanted.kind === 'stream'
        ? lookUp(this.#streams, subject)
        : lookUp(this.#services, subject)?.options) ?? NOT_EXPORTED;
    if (accountTokenPosition !== undefined && accountTokenPosition > 0) {
      const token = subject.split('.')[accountTokenPosition - 1];
      return token === toWire(importer) ? FOR_EVER : undefined;
    }
    if (tokenRequired === true || accounts?.length === 0) {
      return check(exporter, importer, wanted);
    }
    return accounts === undefined || accounts.includes(importer) ? FOR_EVER : undefined;
  }
}

/** Nobody is called this, so nobody is let in. */
const NOT_EXPORTED: Pick<ExportOptions, 'accounts' | 'tokenRequired' | 'accountTokenPosition'> = {
  accounts: ['\0'],
};

/** The export of exactly this subject, else the first that it is a part of. */
function lookUp<Export>(exports: ReadonlyMap<string, Export>, subject: string): Export | undefined {
  const exact = exports.get(subject);
  if (exact !== undefined) return exact;
  for (const [exported, one] of exports) if (isSubsetOf(subject, exported)) return one;
  return undefined;
}

/** @throws RouterError 'router-config' with nats-server's text */
export function checkExports(
  { name, exports = [], limits }: AccountOptions,
  hasSystemAccount: boolean,
): void {
  if ((limits?.maxExports ?? -1) >= 0 && exports.length > (limits?.maxExports ?? 0)) {
    throw new RouterError('router-config', `account "${name}" has more exports than it may have`);
  }
  for (const one of exports) {
    const fail = (why: string): never => {
      throw new RouterError(
        'router-config',
        `Error adding ${one.kind} export "${one.subject}": ${why}`,
      );
    };
    const subject = toWire(one.subject);
    if (!isValidSubject(subject)) fail('sublist: invalid subject');
    const position = one.accountTokenPosition ?? 0;
    if (position > 0 && subject.split('.')[position - 1] !== '*') fail('sublist: invalid subject');
    if (one.kind === 'service' && one.latency !== undefined) {
      checkLatency(one, exports, hasSystemAccount);
    }
  }
}

function checkLatency(
  service: ServiceExportOptions,
  exports: readonly ExportOptions[],
  hasSystemAccount: boolean,
): void {
  const { subject = '', sampling = 0 } = service.latency ?? {};
  const fail = (why: string): never => {
    throw new RouterError(
      'router-config',
      `Error adding service latency sampling for "${service.subject}" on subject "${subject}": ${why}`,
    );
  };
  if (!hasSystemAccount) fail('system account not setup');
  if (sampling !== 'headers' && (sampling < 1 || sampling > 100)) {
    fail('bad sampling percentage, should be 1-100');
  }
  const results = toWire(subject);
  const loops = exports.some(
    (one) => one.kind === 'service' && isSubsetOf(results, toWire(one.subject)),
  );
  if (
    !isValidSubject(results) ||
    results.split('.').some((token) => token === '*' || token === '>')
  ) {
    fail('invalid publish subject');
  }
  if (loops) fail('invalid publish subject');
  if ((service.responseType ?? 'singleton') !== 'singleton') fail('bad service response type');
}
