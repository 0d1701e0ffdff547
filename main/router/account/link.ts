/** Finds out which of an account's imports hold: exported to it, allowed to it, in no circle, not twice. */
import { RouterError } from '../errors.ts';
import type { AccountOptions, ImportOptions } from '../options.ts';
import { fromWire } from '../subject/wire.ts';
import { type LinkedAccount, refuseCycle } from './cycles.ts';
import type { ActivationCheck } from './exports.ts';
import { compileImport, type CompiledImport } from './imports.ts';

export interface Link<Exporter> {
  readonly compiled: CompiledImport;
  readonly exporter: Exporter;
  /** Unix ms when its activation ends; Infinity: never. */
  readonly expires: number;
}

export interface Linking<Exporter extends LinkedAccount> {
  readonly find: (name: string) => Exporter | undefined;
  readonly activation: ActivationCheck;
  /** Imports that need no permission: the router's own. */
  readonly internal?: readonly ImportOptions[];
  /** Told why an import is left out, or, without one, all of them; may throw. */
  readonly problem: (why: string, wanted?: ImportOptions) => void;
}

/** Streams first, then services, as nats-server adds them. */
export function linkImports<Exporter extends LinkedAccount>(
  { name, imports = [], limits }: AccountOptions,
  { find, activation, internal = [], problem }: Linking<Exporter>,
): Link<Exporter>[] {
  const links: Link<Exporter>[] = [];
  const most = limits?.maxImports ?? -1;
  if (most >= 0 && imports.length > most) {
    problem(`account "${name}" has more imports than it may have`);
    return links;
  }
  const inOrder = [
    ...imports.filter(({ kind }) => kind === 'stream'),
    ...imports.filter(({ kind }) => kind === 'service'),
    ...internal,
  ];
  // Its own imports so far take part in circles.
  const importer = { name, imports: [] as CompiledImport[] };
  const findLinked = (wanted: string): LinkedAccount | undefined => {
    const found = find(wanted);
    return wanted === name && found !== undefined ? { ...importer, exports: found.exports } : found;
  };
  for (const wanted of inOrder) {
    const { kind, subject } = wanted;
    const exporter = find(wanted.account);
    if (exporter === undefined) {
      problem(`"${wanted.account}" account not defined for ${kind} import`, wanted);
      continue;
    }
    try {
      const permit = internal.includes(wanted)
        ? { expires: Infinity }
        : exporter.exports.admit(exporter.name, name, wanted, activation);
      if (permit === undefined) {
        throw new RouterError('router-config', `${kind} import not authorized`);
      }
      const compiled = compileImport(wanted);
      if (!internal.includes(wanted)) refuseCycle(name, compiled, findLinked);
      const same = links.find((link) => clash(link.compiled, compiled));
      if (same !== undefined) {
        // What the account has arranged itself comes before what every account gets.
        if (internal.includes(wanted)) continue;
        throw new RouterError('router-config', duplicate(same.compiled, compiled));
      }
      links.push({ compiled, exporter, expires: permit.expires });
      importer.imports.push(compiled);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      problem(`Error adding ${kind} import "${subject}": ${why}`, wanted);
    }
  }
  return links;
}

/** Streams are the same when they come from the same place, services when they go by the same name. */
function clash(one: CompiledImport, other: CompiledImport): boolean {
  if (one.kind !== other.kind) return false;
  return one.kind === 'stream'
    ? one.account === other.account && one.remote === other.remote
    : one.local === other.local;
}

function duplicate(earlier: CompiledImport, { kind, local }: CompiledImport): string {
  if (kind === 'stream') return 'stream import already exists';
  return (
    `duplicate service import subject "${fromWire(local)}", previously used in import for ` +
    `account "${earlier.account}", subject "${fromWire(earlier.remote)}"`
  );
}
