/** What accounts export to and import from each other, as their JWTs say it. */
import {
  fieldsIn,
  fieldsOf,
  flagIn,
  integerIn,
  jwtError,
  listIn,
  textIn,
  type Fields,
} from './fields.ts';
import { readRevocations } from './revocations.ts';

export type ExchangeKind = 'stream' | 'service';

export interface ClaimedExport {
  readonly subject: string;
  /** Undefined when the JWT names none, which is a problem. */
  readonly kind: ExchangeKind | undefined;
  readonly tokenRequired: boolean;
  readonly revocations: ReadonlyMap<string, number>;
  readonly responseType: string;
  /** Nanoseconds. */
  readonly responseThreshold: number;
  /** 0: only requests that ask for it by a header. */
  readonly latency: { readonly sampling: number; readonly results: string } | undefined;
  readonly accountTokenPosition: number;
  readonly allowTrace: boolean;
  readonly description: string;
  readonly infoUrl: string;
}

export interface ClaimedImport {
  readonly subject: string;
  readonly kind: ExchangeKind | undefined;
  readonly account: string;
  /** An activation JWT. */
  readonly token: string;
  /** Deprecated: a prefix for streams, the exported subject for services. */
  readonly to: string;
  readonly localSubject: string;
  readonly share: boolean;
  readonly allowTrace: boolean;
}

export function readExports(fields: Fields): readonly ClaimedExport[] {
  return (listIn(fields, 'exports') ?? []).map((one) => {
    const fields = fieldsOf(one, 'exports');
    return {
      subject: textIn(fields, 'subject'),
      kind: readKind(fields, 'type'),
      tokenRequired: flagIn(fields, 'token_req'),
      revocations: readRevocations(fields),
      responseType: textIn(fields, 'response_type'),
      responseThreshold: integerIn(fields, 'response_threshold'),
      latency: readLatency(fields),
      accountTokenPosition: readPosition(fields),
      allowTrace: flagIn(fields, 'allow_trace'),
      description: textIn(fields, 'description'),
      infoUrl: textIn(fields, 'info_url'),
    };
  });
}

export function readImports(fields: Fields): readonly ClaimedImport[] {
  return (listIn(fields, 'imports') ?? []).map((one) => {
    const fields = fieldsOf(one, 'imports');
    return {
      subject: textIn(fields, 'subject'),
      kind: readKind(fields, 'type'),
      account: textIn(fields, 'account'),
      token: textIn(fields, 'token'),
      to: textIn(fields, 'to'),
      localSubject: textIn(fields, 'local_subject'),
      share: flagIn(fields, 'share'),
      allowTrace: flagIn(fields, 'allow_trace'),
    };
  });
}

export function readKind(fields: Fields, key: string): ExchangeKind | undefined {
  const kind = fields.get(key) ?? undefined;
  if (kind === undefined || kind === 'stream' || kind === 'service') return kind;
  throw jwtError(`"${key}" is neither a stream nor a service`);
}

function readPosition(fields: Fields): number {
  const position = integerIn(fields, 'account_token_position');
  if (position < 0) throw jwtError('an account token position is negative');
  return position;
}

function readLatency(fields: Fields): ClaimedExport['latency'] {
  if ((fields.get('service_latency') ?? undefined) === undefined) return undefined;
  const latency = fieldsIn(fields, 'service_latency');
  const sampling = latency.get('sampling');
  const byHeader = typeof sampling === 'string' && sampling.toLowerCase() === 'headers';
  return {
    sampling: byHeader ? 0 : integerIn(latency, 'sampling'),
    results: textIn(latency, 'results'),
  };
}
