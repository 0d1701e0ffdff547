/** Parsers of option values; what they throw is a usage error. */
import { InvalidArgumentError } from 'commander';
import { CliError } from './errors.ts';

/** For options that may be repeated. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** A port number; 0 lets the system choose. */
export function port(value: string): number {
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535) {
    throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  }
  return Number(value);
}

/** A count of at least 1. */
export function positiveInteger(value: string): number {
  if (!/^[1-9]\d{0,11}$/.test(value)) throw new InvalidArgumentError('It is a number from 1.');
  return Number(value);
}

/** Another repetition of `--nats`, an address without credentials: command lines are seen by everybody. */
export function natsServer(value: string, before: readonly string[] = []): string[] {
  const url = URL.parse(value.includes('://') ? value : `nats://${value}`);
  if (url === null || url.hostname === '' || !/^(nats|tls):$/.test(url.protocol)) {
    throw new InvalidArgumentError('It is an address like nats://host:4222 or tls://host:4222.');
  }
  if (url.username !== '' || url.password !== '') {
    // Not an InvalidArgumentError: its message repeats the value.
    throw new CliError('usage', 'An address of --nats holds a user name or password.', {
      hint: 'Everybody on this machine can read command lines: use --creds, or write it in config.json.',
    });
  }
  return [...before, value];
}
