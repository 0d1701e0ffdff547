import { messageOf } from '../../../base/errors.ts';
import { WeightedMapper } from '../../account/weighted-mapper.ts';
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
import { isValidSubject } from '../../subject/match.ts';
import { toWire } from '../../subject/wire.ts';
import { kindOf, type ConfigNode } from '../tree.ts';

type Destination = MappingOptions['destinations'][number];

/** `mappings { "from": "to", "from": [{ destination, weight, cluster }] }` */
export function readMappings(node: ConfigNode, report: Report): MappingOptions[] {
  return readEach(readMap(node).values(), (entry) => readMapping(entry, report), report);
}

function readMapping(node: ConfigNode, report: Report): MappingOptions {
  const source = node.key ?? '';
  if (!isValidSubject(toWire(source)))
    throw problem(node.at, `Subject "${source}" is not a valid subject`);
  const before = report.problems.length;
  const mapping = { source, destinations: readDestinations(node, report) };
  // The one that the router will build says what is wrong between the parts.
  if (report.problems.length === before) {
    try {
      new WeightedMapper([mapping]);
    } catch (error) {
      throw problem(node.at, messageOf(error));
    }
  }
  return mapping;
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
