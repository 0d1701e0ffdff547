/** Exports, imports and mappings of an account as `/accountz` shows them. */
import type {
  ExportOptions,
  ImportOptions,
  MappingOptions,
  ServiceExportOptions,
} from '../options.ts';

const responseTypes = {
  singleton: 'Singleton',
  stream: 'Streamed',
  chunked: 'Chunked',
} as const satisfies Record<NonNullable<ServiceExportOptions['responseType']>, string>;

export function exportFacts(options: ExportOptions): object {
  const service = options.kind === 'service' ? options : undefined;
  return {
    subject: options.subject,
    type: options.kind,
    token_req: options.tokenRequired === true || options.accounts?.length === 0 ? true : undefined,
    response_type: service && responseTypes[service.responseType ?? 'singleton'],
    service_latency: service?.latency && {
      sampling: service.latency.sampling,
      results: service.latency.subject,
    },
    approved_accounts:
      options.accounts === undefined || options.accounts.length === 0
        ? undefined
        : options.accounts,
  };
}

export function importFacts(options: ImportOptions): object {
  const { kind, account, subject } = options;
  const local = localSubject(options);
  return {
    subject,
    account,
    // Deprecated for streams, whose local name it never was.
    to: kind === 'service' ? local : undefined,
    local_subject: local,
    type: kind,
    invalid: false,
    share: kind === 'service' && options.share === true,
    tracking: false,
  };
}

function localSubject(options: ImportOptions): string {
  const { subject, to } = options;
  if (options.kind === 'stream' && options.prefix) return `${options.prefix}.${subject}`;
  return to === undefined || to === '' ? subject : to;
}

/** By source; the weights are sums, the smallest first, up to 100: what is left over goes to the source. */
export function mappingFacts(mappings: readonly MappingOptions[]): Record<string, object[]> {
  return Object.fromEntries(
    mappings.map(({ source, destinations }) => {
      const given = destinations.filter(({ cluster }) => cluster === undefined);
      const total = given.reduce((sum, { weight }) => sum + weight, 0);
      const rest = total < 100 ? [{ subject: asDestination(source), weight: 100 - total }] : [];
      let sum = 0;
      const facts: object[] = [...given, ...rest]
        .sort((a, b) => a.weight - b.weight)
        .map(({ subject, weight }) => ({ subject, weight: (sum += weight) }));
      for (const { subject, weight, cluster } of destinations)
        if (cluster !== undefined) facts.push({ subject, weight, cluster });
      return [source, facts];
    }),
  );
}

/** `a.*.b` as `a.$1.b`. */
function asDestination(source: string): string {
  let wildcards = 0;
  return source
    .split('.')
    .map((token) => (token === '*' ? `$${++wildcards}` : token))
    .join('.');
}
