import { assemble, mergeSettings, noSettings } from '../config/assemble.ts';
import { loadConfig } from '../config/load.ts';
import { validateOptions } from '../config/validate.ts';
import type { RouterOptions } from '../options.ts';
import type { Flags } from './flags.ts';
import { notesOfFlags, settingsOfFlags, tlsOfFlags } from './flag-settings.ts';

export interface Configuration {
  readonly options: RouterOptions;
  /** `file:line:column: …` lines. */
  readonly warnings: readonly string[];
  /** Sentences about what was asked for and is not here. */
  readonly notes: readonly string[];
}

/**
 * The options of a command line: its file, if it names one, and its flags over it.
 * @throws RouterError 'router-config'; Error for flags that cannot be
 */
export function configure(flags: Flags, env: NodeJS.ProcessEnv): Configuration {
  const { config = '' } = flags;
  const file =
    config === '' ? { settings: noSettings(), warnings: [], notes: [] } : loadConfig(config, env);
  const settings = mergeSettings(file.settings, settingsOfFlags(flags, env));
  const tls = tlsOfFlags(flags);
  if (tls === 'off') delete settings.tls;
  else if (tls !== undefined) settings.tls = tls;
  const options = assemble(settings);
  validateOptions(options);
  return {
    options,
    warnings: file.warnings,
    notes: [...new Set([...file.notes, ...notesOfFlags(flags)])],
  };
}
