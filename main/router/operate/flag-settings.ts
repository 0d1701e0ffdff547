import { noSettings } from '../config/assemble.ts';
import { NO_JETSTREAM } from '../config/sections/jetstream.ts';
import { checkTlsFiles } from '../config/sections/tls-files.ts';
import { NO_SYSLOG, unsupported } from '../config/sections/unsupported.ts';
import type { Settings } from '../config/settings.ts';
import type { TlsOptions } from '../options.ts';
import type { Flags } from './flags.ts';

/** What the command line says, to go over what the file says. Empty texts and ports of 0 say nothing. */
export function settingsOfFlags(flags: Flags, env: NodeJS.ProcessEnv): Settings {
  const settings = noSettings();
  for (const key of SAME_TEXTS) {
    const text = flags[key];
    if (text !== undefined && text !== '') settings[key] = text;
  }
  for (const key of SAME_PORTS) {
    const port = flags[key];
    if (port !== undefined && port !== 0) settings[key] = port;
  }
  const authorization = authorizationOf(flags, env);
  if (Object.keys(authorization).length > 0) settings.authorization = authorization;
  if ((flags.maxTracedMessageLength ?? 0) !== 0) {
    settings.limits.maxTracedMessageLength = flags.maxTracedMessageLength ?? 0;
  }
  setLog(flags, settings);
  return settings;
}

const SAME_TEXTS = [
  'host',
  'serverName',
  'clientAdvertise',
  'pidFile',
  'portsFileDir',
] as const satisfies readonly (keyof Flags & keyof Settings)[];

const SAME_PORTS = ['port', 'httpPort', 'httpsPort'] as const;

function authorizationOf(
  flags: Flags,
  env: NodeJS.ProcessEnv,
): NonNullable<Settings['authorization']> {
  const user = flags.user ?? env['SKERRY_ROUTER_USER'] ?? '';
  const password = flags.password ?? env['SKERRY_ROUTER_PASSWORD'] ?? '';
  const token = flags.token ?? env['SKERRY_ROUTER_TOKEN'] ?? '';
  return {
    ...(user === '' ? {} : { user }),
    ...(password === '' ? {} : { password }),
    ...(token === '' ? {} : { token }),
  };
}

function setLog(flags: Flags, { log }: Settings): void {
  const debug = flags.debugAndVerboseTrace ?? flags.debugAndTrace ?? flags.debug;
  const verbose = flags.debugAndVerboseTrace ?? flags.verboseTrace;
  const trace = verbose ?? flags.debugAndTrace ?? flags.trace;
  if (debug !== undefined) log.debug = debug;
  if (trace !== undefined) log.trace = trace;
  if (verbose !== undefined) log.traceVerbose = verbose;
  if (flags.logTime !== undefined) log.time = flags.logTime;
  if (flags.logTimeUtc !== undefined) log.utc = flags.logTimeUtc;
  if (flags.logFile !== undefined && flags.logFile !== '') log.file = flags.logFile;
  if ((flags.logSizeLimit ?? 0) !== 0) log.sizeLimit = flags.logSizeLimit ?? 0;
}

/**
 * TLS by flags: undefined when they say nothing of it, `off` for `--tls=false`.
 * @throws Error with a sentence
 */
export function tlsOfFlags(flags: Flags): TlsOptions | 'off' | undefined {
  const { tls, tlsVerify, tlsCert = '', tlsKey = '', tlsCa = '' } = flags;
  if (tls === false) return 'off';
  const mentioned = [tls, tlsVerify, flags.tlsCert, flags.tlsKey, flags.tlsCa];
  if (mentioned.every((flag) => flag === undefined)) return undefined;
  if (tlsCert === '') throw new Error('TLS Server certificate must be present and valid');
  if (tlsKey === '') throw new Error('TLS Server private key must be present and valid');
  const options: TlsOptions = {
    certFile: tlsCert,
    keyFile: tlsKey,
    ...(tlsCa === '' ? {} : { caFile: tlsCa }),
    ...(tlsVerify === undefined ? {} : { verify: tlsVerify }),
  };
  checkTlsFiles(options);
  return options;
}

/** Sentences about flags that ask for what is not here. */
export function notesOfFlags(flags: Flags): string[] {
  const notes: string[] = [];
  if (flags.jetstream === true) notes.push(NO_JETSTREAM);
  if ([flags.cluster, flags.routes].some((text) => text !== undefined && text !== '')) {
    notes.push(unsupported('cluster'));
  }
  if (flags.syslog === true || (flags.remoteSyslog ?? '') !== '') notes.push(NO_SYSLOG);
  return notes;
}
