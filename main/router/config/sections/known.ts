import type { Report } from '../problems.ts';
import { readFields, readMap } from '../read.ts';
import type { ConfigNode } from '../tree.ts';

/**
 * Reads a map whose settings change nothing here: their names are checked, so that a slip of the pen is still
 * found, their values are not.
 * @param names as in `Fields`
 */
export function readKnown(node: ConfigNode, names: readonly string[], report: Report): void {
  const ignore = (): void => undefined;
  readFields(readMap(node), Object.fromEntries(names.map((name) => [name, ignore])), report);
}
