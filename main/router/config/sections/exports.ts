import type { ExportOptions, ServiceExportOptions } from '../../options.ts';
import type { Report } from '../problems.ts';
import {
  problem,
  readArray,
  readDuration,
  readEach,
  readFields,
  readInteger,
  readMap,
  readString,
  type Draft,
} from '../read.ts';
import { kindOf, type ConfigNode, type Position } from '../tree.ts';

export interface PlacedExport {
  readonly at: Position;
  readonly options: ExportOptions;
}

const RESPONSE_TYPES = new Map<string, 'singleton' | 'stream' | 'chunked'>([
  ['single', 'singleton'],
  ['singleton', 'singleton'],
  ['stream', 'stream'],
  ['chunk', 'chunked'],
  ['chunked', 'chunked'],
]);

export function readExports(node: ConfigNode, report: Report): PlacedExport[] {
  return readEach(readArray(node), (item) => readExport(item, report), report);
}

/** `{ stream: "a.>", accounts: [B] }` or `{ service: "q", response_type, threshold, latency, … }` */
function readExport(node: ConfigNode, report: Report): PlacedExport {
  const said: { stream?: string; service?: string; serviceOnly?: Position } = {};
  const shared: Pick<Draft<ExportOptions>, 'accounts' | 'accountTokenPosition'> = {};
  const answers: Pick<
    Draft<ServiceExportOptions>,
    'responseType' | 'responseThreshold' | 'latency'
  > = {};
  readFields(
    readMap(node),
    {
      stream: (field) => (said.stream = readString(field)),
      service: (field) => (said.service = readString(field)),
      accounts: (field) => {
        const accounts = readArray(field, 'an array of accounts').map(readString);
        // An empty list is as good as none: everybody may import.
        if (accounts.length > 0) shared.accounts = accounts;
      },
      'response|response_type': (field) => {
        said.serviceOnly = field.at;
        const text = readString(field);
        const type = RESPONSE_TYPES.get(text.toLowerCase());
        if (type === undefined) throw problem(field.at, `Unknown response type: "${text}"`);
        answers.responseType = type;
      },
      'threshold|response_threshold|response_max_time|response_time': (field) => {
        said.serviceOnly = field.at;
        answers.responseThreshold = readDuration(field);
      },
      latency: (field) => {
        said.serviceOnly = field.at;
        answers.latency = readLatency(field, report);
      },
      account_token_position: (field) => {
        const position = readInteger(field, { min: 0 });
        if (position > 0) shared.accountTokenPosition = position;
      },
    },
    report,
  );
  const { stream, service, serviceOnly } = said;
  if (stream !== undefined && service !== undefined) {
    throw problem(node.at, 'an export is a stream or a service, not both');
  }
  if (stream !== undefined && serviceOnly !== undefined) {
    throw problem(serviceOnly, 'Detected a directive of services on a stream');
  }
  const subject = stream ?? service;
  if (subject === undefined) throw problem(node.at, 'expected a stream or a service to export');
  const options: ExportOptions =
    stream === undefined
      ? { kind: 'service', subject, ...shared, ...answers }
      : { kind: 'stream', subject, ...shared };
  return { at: node.at, options };
}

type Latency = NonNullable<ServiceExportOptions['latency']>;

/** `"subject"`, or `{ sampling: 50 | "50%" | headers, subject }`. */
function readLatency(node: ConfigNode, report: Report): Latency {
  const draft: Draft<Latency> = { subject: '', sampling: 100 };
  if (node.value.kind === 'string') draft.subject = node.value.value;
  else {
    readFields(
      readMap(node, 'a subject or a map'),
      {
        sampling: (field) => (draft.sampling = readSampling(field)),
        subject: (field) => (draft.subject = readString(field)),
      },
      report,
    );
    if (draft.subject === '') throw problem(node.at, 'Latency subject required, but missing');
  }
  return draft;
}

function readSampling(node: ConfigNode): number | 'headers' {
  const { value } = node;
  if (value.kind !== 'string' && value.kind !== 'integer') {
    throw problem(node.at, `expected percents or "headers", got ${kindOf(value)}`);
  }
  const text = String(value.value).trim().toLowerCase();
  if (text === 'headers') return 'headers';
  const sampling = /^\d+%?$/.test(text) ? Number.parseInt(text, 10) : 0;
  if (sampling >= 1 && sampling <= 100) return sampling;
  throw problem(node.at, 'bad sampling percentage, should be 1-100');
}
