/** Command lines as Go's `flag` package reads them, with the flags of nats-server. */

type FlagKind = 'text' | 'integer' | 'boolean';

/** Each flag once, with all of its names. */
const FLAGS = {
  help: ['boolean', 'h', 'help'],
  tlsHelp: ['boolean', 'help_tls'],
  version: ['boolean', 'v', 'version'],
  config: ['text', 'c', 'config'],
  check: ['boolean', 't'],
  signal: ['text', 'sl', 'signal'],
  host: ['text', 'a', 'addr', 'net'],
  port: ['integer', 'p', 'port'],
  serverName: ['text', 'n', 'name', 'server_name'],
  clientAdvertise: ['text', 'client_advertise'],
  httpPort: ['integer', 'm', 'http_port'],
  httpsPort: ['integer', 'ms', 'https_port'],
  pidFile: ['text', 'P', 'pid'],
  portsFileDir: ['text', 'ports_file_dir'],
  logFile: ['text', 'l', 'log'],
  logSizeLimit: ['integer', 'log_size_limit'],
  logTime: ['boolean', 'T', 'logtime'],
  logTimeUtc: ['boolean', 'logtime_utc'],
  syslog: ['boolean', 's', 'syslog'],
  remoteSyslog: ['text', 'r', 'remote_syslog'],
  debug: ['boolean', 'D', 'debug'],
  trace: ['boolean', 'V', 'trace'],
  verboseTrace: ['boolean', 'VV'],
  debugAndTrace: ['boolean', 'DV'],
  debugAndVerboseTrace: ['boolean', 'DVV'],
  maxTracedMessageLength: ['integer', 'max_traced_msg_len'],
  user: ['text', 'user'],
  password: ['text', 'pass'],
  token: ['text', 'auth'],
  tls: ['boolean', 'tls'],
  tlsVerify: ['boolean', 'tlsverify'],
  tlsCert: ['text', 'tlscert'],
  tlsKey: ['text', 'tlskey'],
  tlsCa: ['text', 'tlscacert'],
  jetstream: ['boolean', 'js', 'jetstream'],
  storeDir: ['text', 'sd', 'store_dir'],
  routes: ['text', 'routes'],
  cluster: ['text', 'cluster', 'cluster_listen'],
  clusterName: ['text', 'cluster_name'],
  clusterAdvertise: ['text', 'cluster_advertise'],
  noAdvertise: ['boolean', 'no_advertise'],
  connectRetries: ['integer', 'connect_retries'],
  profile: ['integer', 'profile'],
} as const satisfies Record<string, readonly [FlagKind, ...string[]]>;

interface KindValues {
  text: string;
  integer: number;
  boolean: boolean;
}

/** What was given; absent means that it was not. The last of several counts. */
export type Flags = { [Name in keyof typeof FLAGS]?: KindValues[(typeof FLAGS)[Name][0]] };

export interface CommandLine {
  readonly flags: Flags;
  /** From the first word that is no flag. */
  readonly rest: readonly string[];
}

/** A command line that is not understood; the message is the one that Go prints. */
export class FlagError extends Error {}

const BY_NAME = new Map(
  Object.entries(FLAGS).flatMap(([key, [kind, ...names]]) =>
    names.map((name): [string, { key: string; kind: FlagKind }] => [name, { key, kind }]),
  ),
);

/** `-x`, `--x`, `-x=v`, `-x v`; booleans take a value behind `=` only. @throws FlagError */
export function parseFlags(words: readonly string[]): CommandLine {
  const values: Record<string, string | number | boolean> = {};
  for (let index = 0; ; index++) {
    const word = words[index];
    if (word === undefined || word === '-' || !word.startsWith('-')) {
      return { flags: values as Flags, rest: words.slice(index) };
    }
    if (word === '--') return { flags: values as Flags, rest: words.slice(index + 1) };
    const match = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(word);
    if (match === null) throw new FlagError(`bad flag syntax: ${word}`);
    const name = match[1] ?? '';
    const flag = BY_NAME.get(name);
    if (flag === undefined) throw new FlagError(`flag provided but not defined: -${name}`);
    let text = match[2];
    if (text === undefined && flag.kind !== 'boolean') {
      index += 1;
      text = words[index];
      if (text === undefined) throw new FlagError(`flag needs an argument: -${name}`);
    }
    values[flag.key] = valueOf(name, flag.kind, text);
  }
}

function valueOf(
  name: string,
  kind: FlagKind,
  text: string | undefined,
): string | number | boolean {
  switch (kind) {
    case 'text':
      return text ?? '';
    case 'integer': {
      const integer = parseInteger(text ?? '');
      if (integer !== undefined) return integer;
      throw new FlagError(`invalid value "${text ?? ''}" for flag -${name}: parse error`);
    }
    case 'boolean': {
      if (text === undefined) return true;
      if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
      if (/^(0|f|F|FALSE|false|False)$/.test(text)) return false;
      throw new FlagError(`invalid boolean value "${text}" for -${name}: parse error`);
    }
  }
}

/** Decimal, `0x`, `0o` and `0b`. */
function parseInteger(text: string): number | undefined {
  const match = /^([+-]?)(\d+|0x[\da-f]+|0o[0-7]+|0b[01]+)$/i.exec(text);
  if (match === null) return undefined;
  const value = Number(match[2]);
  if (!Number.isSafeInteger(value)) return undefined;
  return match[1] === '-' ? -value : value;
}
