/** The configuration: one schema, defaults filled in, unknown keys refused (docs/configuration.md). */
import { z } from 'zod';
import { nearest } from '../base/nearest.ts';
import { DEFAULT_PREFIX } from '../identity/way.ts';
import { PeerError } from './errors.ts';
import { RouterConfigSchema } from './router/router-config.ts';

const Port = z.number().int().min(0).max(65_535);
const HostPort = z
  .string()
  .max(300)
  .regex(
    /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}$/,
    'it is host:port, with brackets around an IPv6 address',
  )
  .refine((text) => Port.min(1).safeParse(Number(/[0-9]+$/.exec(text)?.[0])).success, {
    error: 'its port is not between 1 and 65535',
  });
const Prefix = z
  .string()
  .regex(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/, 'a prefix is subject tokens without wildcards');

const DeploymentConfig = z.strictObject({
  /** `nats://host:4222` or `tls://…`. */
  server: z.string().min(1).max(512),
  prefix: Prefix.default(DEFAULT_PREFIX),
  /** A `.creds` file, absolute. */
  creds: z.string().min(1).optional(),
});

export const ConfigSchema = z.strictObject({
  /** What contacts see; default: the computer's name. */
  name: z.string().trim().min(1).max(64).optional(),
  /** Where downloads land; default: Skerry in the person's download folder. */
  downloads: z.string().min(1).optional(),
  udp: z
    .strictObject({
      enabled: z.boolean().default(true),
      /** This one and no other; 0: a new one at every start; absent: the last one if it is free, else any. */
      port: Port.optional(),
      /** Written by the program. */
      lastPort: Port.optional(),
      /** Whether the router is asked to pass on datagrams to the port. */
      mapPort: z.boolean().default(true),
      /** STUN servers that are asked how they see the port. */
      stun: z.array(HostPort).max(8).default([]),
    })
    .prefault({}),
  nats: z.array(DeploymentConfig).max(16).default([]),
  discovery: z
    .strictObject({
      /** Who finds this peer on the local network. */
      lan: z.enum(['everyone', 'contacts', 'off']).default('contacts'),
      /** Whether strangers there read its name. */
      name: z.boolean().default(false),
    })
    .prefault({}),
  relay: z
    .strictObject({
      /** What one contact may have carried to others; what is more is dropped. */
      bytesPerSecond: z
        .number()
        .int()
        .min(64 * 1024)
        .max(1024 * 1024 * 1024)
        .default(4 * 1024 * 1024),
    })
    .prefault({}),
  ui: z
    .strictObject({
      enabled: z.boolean().default(true),
      /** Loopback port of the UI of a headless peer; 0: any. */
      port: Port.default(0),
    })
    .prefault({}),
  router: RouterConfigSchema.prefault({}),
  logLevel: z.enum(['silent', 'error', 'warn', 'info', 'debug', 'trace']).default('warn'),
});

export type Config = z.output<typeof ConfigSchema>;
export type ConfigInput = z.input<typeof ConfigSchema>;

/** Keys that may stand where `path` leads; array indices are looked through. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  let schema: unknown = ConfigSchema;
  for (const step of [...path, null]) {
    while (
      schema instanceof z.ZodDefault ||
      schema instanceof z.ZodOptional ||
      schema instanceof z.ZodPrefault
    ) {
      schema = schema.unwrap();
    }
    if (step === null) break;
    if (schema instanceof z.ZodArray) schema = schema.element;
    else if (schema instanceof z.ZodObject) schema = schema.shape[String(step)];
  }
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/**
 * Checks a configuration and fills in the defaults.
 *
 * @param where named in errors, e.g. the file's path
 * @throws PeerError `config-unknown-key` (names the nearest known key), `config-invalid`
 */
export function parseConfig(value: unknown, where: string): Config {
  const parsed = ConfigSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue?.path ?? [];
  if (issue?.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const full = [...path, key].join('.');
    const known = nearest(key, knownKeys(path));
    const guess = known === undefined ? '' : ` Did you mean "${[...path, known].join('.')}"?`;
    throw new PeerError('config-unknown-key', `${where} has the unknown key "${full}".${guess}`);
  }
  throw new PeerError(
    'config-invalid',
    `${where}: "${path.join('.')}" is not valid: ${issue?.message ?? 'unknown reason'}.`,
  );
}
