/** Imports as they are used: subjects as wire strings, and the transforms between both sides' names. */
import { RouterError } from '../errors.ts';
import type { ImportOptions } from '../options.ts';
import { isLiteral, isValidSubject } from '../subject/match.ts';
import { SubjectTransform, toDestination, toPattern } from '../subject/transform.ts';
import { fromWire, toWire } from '../subject/wire.ts';

export interface CompiledImport {
  readonly options: ImportOptions;
  readonly kind: 'stream' | 'service';
  /** The exporting account's name. */
  readonly account: string;
  /** The subject in the exporting account, perhaps with wildcards. */
  readonly remote: string;
  /** The subject in the importing account, perhaps with wildcards. */
  readonly local: string;
  /** Local subjects to remote ones; undefined: see `same`. */
  readonly toRemote: SubjectTransform | undefined;
  /** Remote subjects to local ones; undefined: see `same`. */
  readonly toLocal: SubjectTransform | undefined;
  /** Both sides use the same name. Without, and without transforms, there is one literal name on each. */
  readonly same: boolean;
  /** Two imports with the same key do the same. */
  readonly key: string;
}

/** @throws RouterError 'router-config': why it cannot be used, without naming the import */
export function compileImport(options: ImportOptions): CompiledImport {
  const remote = toWire(options.subject);
  const local = localName(options);
  if (!isValidSubject(remote) || !isValidSubject(local)) {
    throw new RouterError('router-config', 'sublist: invalid subject');
  }
  const { kind, account } = options;
  const key = JSON.stringify([
    kind,
    account,
    remote,
    local,
    options.kind === 'service' && options.share === true,
    options.token ?? '',
  ]);
  const base = { options, kind, account, remote, key };
  if (local === remote || isLiteral(remote)) {
    const same = local === remote;
    return { ...base, local, toRemote: undefined, toLocal: undefined, same };
  }
  const toLocal = reversible(kind, remote, local);
  return { ...base, local: toPattern(local), toRemote: toLocal.reverse(), toLocal, same: false };
}

/**
 * The name in the importing account as it is written, with `$1` for wildcards.
 *
 * @throws RouterError 'router-config'
 */
export function localName(options: ImportOptions): string {
  if (options.kind === 'stream' && options.prefix !== undefined && options.prefix !== '') {
    const prefix = toWire(options.prefix);
    if (!isLiteral(prefix)) {
      throw new RouterError(
        'router-config',
        'stream import prefix can not contain wildcard tokens',
      );
    }
    return `${prefix}${prefix.endsWith('.') ? '' : '.'}${toWire(options.subject)}`;
  }
  return toWire(options.to === undefined || options.to === '' ? options.subject : options.to);
}

function reversible(kind: 'stream' | 'service', remote: string, local: string): SubjectTransform {
  try {
    return new SubjectTransform(remote, toDestination(local), { reversible: true });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const names = `"${fromWire(remote)}" to "${fromWire(local)}"`;
    throw new RouterError(
      'router-config',
      `failed to create mapping transform for ${kind} import subject from ${names}: ${why}`,
      { cause: error },
    );
  }
}
