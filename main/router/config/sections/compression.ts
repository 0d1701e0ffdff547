import type { Report } from '../problems.ts';
import { problem, readArray, readDuration, readFields, readString } from '../read.ts';
import { kindOf, type ConfigNode } from '../tree.ts';

/** `compression` between servers: checked and without effect, the router answers `off` to every offer. */
export function checkCompression(node: ConfigNode, report: Report): void {
  const { value } = node;
  if (value.kind === 'string' || value.kind === 'boolean') return;
  if (value.kind !== 'map') {
    throw problem(node.at, `expected true, false, a mode or a map, got ${kindOf(value)}`);
  }
  readFields(
    value.entries,
    {
      mode: (field) => void readString(field),
      'rtt_thresholds|thresholds|rtts|rtt': (field) => {
        for (const item of readArray(field)) readDuration(item);
      },
    },
    report,
  );
}
