import { hostname } from 'node:os';
import { cleanName } from '../base/display-name.ts';

/** The name a new peer goes by: the computer's, without its domain. */
export function defaultDisplayName(): string {
  const [computer = ''] = hostname().split('.');
  return cleanName(computer) || 'Skerry';
}
