/** `config.json` in the home folder: read at start, changed by the program only for what a person set in the app. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, messageOf } from '../base/errors.ts';
import { parseConfig, type Config, type ConfigInput } from './config.ts';
import { PeerError } from './errors.ts';

export class ConfigFile {
  readonly path: string;
  /** What stands in the file, without defaults and overrides. */
  #stored: ConfigInput;
  #config: Config;
  #overrides: ConfigInput;

  /**
   * @param home the data folder
   * @param overrides what this start was asked for; wins over the file and is never written to it
   * @throws PeerError `config-unreadable`, `config-unknown-key`, `config-invalid`; the file is left as it is
   */
  constructor(home: string, overrides: ConfigInput = {}) {
    this.path = join(home, 'config.json');
    this.#overrides = overrides;
    this.#stored = this.#read();
    parseConfig(this.#stored, this.path);
    this.#config = this.#merge();
  }

  /** The configuration in force. */
  get value(): Config {
    return this.#config;
  }

  /** Changes keys in the file (atomically) and in force; an override of the same key gives way to it. */
  update(change: ConfigInput): void {
    const stored = mergeTwo(this.#stored, change);
    parseConfig(stored, this.path);
    const temporary = `${this.path}.new`;
    writeFileSync(temporary, `${JSON.stringify(stored, null, 2)}\n`, { mode: 0o600 });
    renameSync(temporary, this.path);
    this.#stored = stored;
    this.#overrides = mergeTwo(this.#overrides, change);
    this.#config = this.#merge();
  }

  #merge(): Config {
    return parseConfig(mergeTwo(this.#stored, this.#overrides), 'The options');
  }

  #read(): ConfigInput {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return {};
      throw new PeerError('config-unreadable', `${this.path} cannot be read: ${messageOf(error)}.`);
    }
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        throw new TypeError('it must hold one JSON object');
      }
      return value as ConfigInput;
    } catch (error) {
      throw new PeerError('config-unreadable', `${this.path} is not valid: ${messageOf(error)}.`);
    }
  }
}

/** `over` wins key by key; the sections (`udp`, `ui`, …) are merged, lists are replaced. */
function mergeTwo(base: ConfigInput, over: ConfigInput): ConfigInput {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue;
    const isSection = ['udp', 'discovery', 'relay', 'ui', 'router'].includes(key);
    merged[key] = isSection
      ? { ...(base[key as keyof ConfigInput] as object | undefined), ...(value as object) }
      : value;
  }
  return merged as ConfigInput;
}
