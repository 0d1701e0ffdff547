import type { MappingOptions } from '../../options.ts';
import type { Report } from '../problems.ts';
import {
  problem,
  readEach,
  readFields,
  readInteger,
  readMap,
  readString,
  type Draft,
} from '../read.ts';
import { isSubject } from '../subjects.ts';
import { kindOf, type ConfigNode } from '../tree.ts';

type Destination = MappingOptions['destinations'][number];

/** `mappings { "from": "to", "from": [{ destination, weight, cluster }] }` */
export function readMappings(node: ConfigNode, report: Report): MappingOptions[] {
  return readEach(readMap(node).values(), (entry) => readMapping(entry, report), report);
}

function readMapping(node: ConfigNode, report: Report): MappingOptions {
  const source = node.key ?? '';
  if (!isSubject(source)) throw problem(node.at, `Subject "${source}" is not a valid subject`);
  const destinations = readDestinations(node, report);
  const seen = new Set<string>();
  const totals = new Map<string, number>();
  for (const { subject, weight, cluster = '' } of destinations) {
    if (seen.has(subject)) throw refused(node, `duplicate entry for "${subject}"`);
    seen.add(subject);
    const total = (totals.get(cluster) ?? 0) + weight;
    if (total > 100) throw refused(node, 'total weight needs to be <= 100');
    totals.set(cluster, total);
  }
  return { source, destinations };
}

function refused(node: ConfigNode, why: string): Error {
  return problem(node.at, `Error adding mapping for "${node.key ?? ''}": ${why}`);
}

function readDestinations(node: ConfigNode, report: Report): Destination[] {
  const { value } = node;
  if (value.kind === 'string') return [{ subject: value.value, weight: 100 }];
  if (value.kind === 'map') return [readDestination(node, report)];
  if (value.kind === 'array') {
    return readEach(value.items, (item) => readDestination(item, report), report);
  }
  throw problem(node.at, `expected a destination or an array of them, got ${kindOf(value)}`);
}

function readDestination(node: ConfigNode, report: Report): Destination {
  const draft: Draft<Destination> = { subject: '', weight: -1 };
  readFields(
    readMap(node, 'a destination as a map'),
    {
      'dest|destination': (field) => (draft.subject = readString(field)),
      weight: (field) => (draft.weight = readWeight(field)),
      cluster: (field) => (draft.cluster = readString(field)),
    },
    report,
  );
  if (draft.weight < 0) {
    throw problem(node.at, `Missing weight for mapping destination "${draft.subject}"`);
  }
  return draft;
}

/** `50` or `"50%"` */
function readWeight(node: ConfigNode): number {
  const { value } = node;
  const weight =
    value.kind === 'string' && /^\d+%?$/.test(value.value)
      ? Number.parseInt(value.value, 10)
      : readInteger(node);
  if (weight >= 0 && weight <= 100) return weight;
  throw problem(node.at, `Invalid weight ${weight} for mapping destination`);
}
