/** The argument of CONNECT. */
import type { Credentials } from '../auth/types.ts';

export interface ConnectOptions extends Credentials {
  verbose: boolean;
  pedantic: boolean;
  echo: boolean;
  headers: boolean;
  noResponders: boolean;
  tlsRequired: boolean;
  protocol: number;
  name: string;
  lang: string;
  version: string;
  /** `account` or `new_account` was given: not allowed any more. */
  accountWanted: boolean;
  user?: string;
  pass?: string;
  token?: string;
  nkey?: string;
  sig?: string;
  jwt?: string;
}

/** What holds before CONNECT, and for everything that CONNECT leaves out. */
export function connectDefaults(): ConnectOptions {
  return {
    verbose: true,
    pedantic: true,
    echo: true,
    headers: false,
    noResponders: false,
    tlsRequired: false,
    protocol: 0,
    name: '',
    lang: '',
    version: '',
    accountWanted: false,
  };
}

type Setter = (options: ConnectOptions, value: never) => void;
interface Field {
  readonly type: 'boolean' | 'string' | 'number';
  readonly set: Setter;
}

const flag = (set: (options: ConnectOptions, value: boolean) => void): Field => ({
  type: 'boolean',
  set,
});
const text = (set: (options: ConnectOptions, value: string) => void): Field => ({
  type: 'string',
  set,
});

const FIELDS = new Map<string, Field>([
  ['verbose', flag((options, value) => (options.verbose = value))],
  ['pedantic', flag((options, value) => (options.pedantic = value))],
  ['echo', flag((options, value) => (options.echo = value))],
  ['headers', flag((options, value) => (options.headers = value))],
  ['no_responders', flag((options, value) => (options.noResponders = value))],
  ['tls_required', flag((options, value) => (options.tlsRequired = value))],
  [
    'protocol',
    { type: 'number', set: (options: ConnectOptions, value: number) => (options.protocol = value) },
  ],
  ['name', text((options, value) => (options.name = value))],
  ['lang', text((options, value) => (options.lang = value))],
  ['version', text((options, value) => (options.version = value))],
  ['user', text((options, value) => (options.user = value))],
  ['pass', text((options, value) => (options.pass = value))],
  ['auth_token', text((options, value) => (options.token = value))],
  ['nkey', text((options, value) => (options.nkey = value))],
  ['sig', text((options, value) => (options.sig = value))],
  ['jwt', text((options, value) => (options.jwt = value))],
  ['account', text((options, value) => (options.accountWanted ||= value !== ''))],
  ['new_account', flag((options, value) => (options.accountWanted ||= value))],
]);

/**
 * What a CONNECT makes of the options before it.
 *
 * @param argument JSON in UTF-8; unknown fields are passed over, names match in any case
 * @returns undefined for what is no JSON object, or has a field of another type
 */
export function parseConnect(argument: Buffer, before: ConnectOptions): ConnectOptions | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(argument.toString('utf8'));
  } catch {
    // No JSON: the caller closes the connection.
    return undefined;
  }
  if (parsed === null) return before;
  if (typeof parsed !== 'object' || Array.isArray(parsed)) return undefined;
  const options = { ...before };
  for (const [name, value] of Object.entries(parsed)) {
    const field = FIELDS.get(name) ?? FIELDS.get(name.toLowerCase());
    if (field === undefined || value === null) continue;
    if (typeof value !== field.type) return undefined;
    if (field.type === 'number' && !Number.isSafeInteger(value)) return undefined;
    field.set(options, value as never);
  }
  return options;
}
