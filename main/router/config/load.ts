import { messageOf } from '../../base/errors.ts';
import { RouterError } from '../errors.ts';
import { noSettings } from './assemble.ts';
import { ConfigFiles } from './files.ts';
import { parseFile } from './parser.ts';
import { ConfigProblem, Report } from './problems.ts';
import { readServer, readSystemAccount } from './sections/server.ts';
import type { Settings } from './settings.ts';

export interface LoadedConfig {
  readonly settings: Settings;
  /** `file:line:column: …` lines about what is accepted but better changed. */
  readonly warnings: readonly string[];
  /** What the file asks for and this router does not have: sentences for the log. */
  readonly notes: readonly string[];
}

/**
 * Reads a nats.conf with all that it includes.
 * @throws RouterError 'router-config'; its message has a line for each problem, `file:line:column: …`
 */
export function loadConfig(path: string, env: NodeJS.ProcessEnv = process.env): LoadedConfig {
  const report = new Report();
  const settings = noSettings();
  try {
    const files = new ConfigFiles();
    const entries = parseFile(path, { files, env, including: [], variableDepth: 0 });
    if (entries.size === 0) {
      report.warn({ file: path, line: 1, column: 0 }, 'config has no values or is empty');
    }
    readSystemAccount(entries, settings, report);
    readServer(entries, settings, report);
  } catch (error) {
    const line = error instanceof ConfigProblem ? error.message : messageOf(error);
    throw new RouterError('router-config', line, { cause: error });
  }
  if (report.problems.length > 0) {
    const lines = report.problems.map(({ message }) => message);
    throw new RouterError('router-config', lines.join('\n'));
  }
  return {
    settings,
    warnings: report.warnings.map(({ message }) => message),
    notes: report.notes,
  };
}
