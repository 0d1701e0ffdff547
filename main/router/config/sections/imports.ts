import type { ImportOptions } from '../../options.ts';
import type { Report } from '../problems.ts';
import {
  problem,
  readArray,
  readBoolean,
  readEach,
  readFields,
  readMap,
  readString,
  type Draft,
} from '../read.ts';
import type { ConfigNode, Position } from '../tree.ts';

export interface PlacedImport {
  readonly at: Position;
  readonly options: ImportOptions;
}

interface Origin {
  readonly account: string;
  readonly subject: string;
}

export function readImports(node: ConfigNode, report: Report): PlacedImport[] {
  const taken = new Map<string, ImportOptions>();
  return readEach(
    readArray(node),
    (item) => {
      const placed = readImport(item, report);
      const { options } = placed;
      if (options.kind === 'stream') return placed;
      const local = options.to ?? options.subject;
      const earlier = taken.get(local);
      if (earlier !== undefined) {
        throw problem(
          item.at,
          `Duplicate service import subject "${local}", previously used in import for account ` +
            `"${earlier.account}", subject "${earlier.subject}"`,
        );
      }
      taken.set(local, options);
      return placed;
    },
    report,
  );
}

/** `{ stream: { account, subject }, prefix | to }` or `{ service: { account, subject }, to, share }` */
function readImport(node: ConfigNode, report: Report): PlacedImport {
  const said: {
    stream?: Origin;
    service?: Origin;
    prefix?: string;
    to?: string;
    share?: boolean;
  } = {};
  readFields(
    readMap(node),
    {
      stream: (field) => (said.stream = readOrigin(field, report)),
      service: (field) => (said.service = readOrigin(field, report)),
      prefix: (field) => (said.prefix = readString(field)),
      to: (field) => (said.to = readString(field)),
      share: (field) => (said.share = readBoolean(field)),
    },
    report,
  );
  const { stream, service } = said;
  if (stream !== undefined && service !== undefined) {
    throw problem(node.at, 'an import is a stream or a service, not both');
  }
  const origin = stream ?? service;
  if (origin === undefined) throw problem(node.at, 'expected a stream or a service to import');
  const to: { to?: string } = said.to === undefined || said.to === '' ? {} : { to: said.to };
  if (stream === undefined) {
    const share = said.share === undefined ? {} : { share: said.share };
    return { at: node.at, options: { kind: 'service', ...origin, ...to, ...share } };
  }
  return { at: node.at, options: { kind: 'stream', ...origin, ...to, ...prefixOf(node, said) } };
}

function prefixOf(
  node: ConfigNode,
  { prefix = '', to = '' }: { prefix?: string; to?: string },
): { prefix?: string } {
  if (prefix === '') return {};
  if (to !== '') {
    throw problem(node.at, "Stream import can not have a 'prefix' and a 'to' property");
  }
  // With or without the dot that joins it to the subject.
  return { prefix: prefix.endsWith('.') ? prefix.slice(0, -1) : prefix };
}

function readOrigin(node: ConfigNode, report: Report): Origin {
  const draft: Draft<Origin> = { account: '', subject: '' };
  readFields(
    readMap(node, 'a map with account and subject'),
    {
      account: (field) => (draft.account = readString(field)),
      subject: (field) => (draft.subject = readString(field)),
    },
    report,
  );
  if (draft.account !== '' && draft.subject !== '') return draft;
  throw problem(node.at, 'Expect an account name and a subject');
}
