/** The operations of the client and leaf node protocols, recognised as early as their bytes allow. */

/** What a body follows. */
export type PublicationVerb = 'PUB' | 'HPUB' | 'LMSG' | 'HMSG';
/** Everything else. */
export type OperationVerb =
  'CONNECT' | 'INFO' | 'SUB' | 'UNSUB' | 'PING' | 'PONG' | 'OK' | 'ERR' | 'LS+' | 'LS-';
type Verb = PublicationVerb | OperationVerb;

export function isPublication(verb: Verb): verb is PublicationVerb {
  return verb === 'PUB' || verb === 'HPUB' || verb === 'LMSG' || verb === 'HMSG';
}

interface VerbForm {
  readonly verb: Verb;
  /** Lower-case bytes. */
  readonly bytes: readonly number[];
  /**
   * `spaced`: a space or tab has to follow; `loose`: the argument may follow at once; `bare`: whatever
   * follows up to the end of the line is passed over.
   */
  readonly argument: 'spaced' | 'loose' | 'bare';
}

const form = (verb: Verb, text: string, argument: VerbForm['argument']): VerbForm => ({
  verb,
  bytes: Array.from(text, (char) => char.charCodeAt(0)),
  argument,
});

const SHARED = [
  form('PING', 'ping', 'bare'),
  form('PONG', 'pong', 'bare'),
  form('CONNECT', 'connect', 'loose'),
  form('INFO', 'info', 'loose'),
  form('OK', '+ok', 'bare'),
  form('ERR', '-err', 'spaced'),
];

export const CLIENT_VERBS: readonly VerbForm[] = [
  form('PUB', 'pub', 'spaced'),
  form('SUB', 'sub', 'spaced'),
  form('UNSUB', 'unsub', 'spaced'),
  form('HPUB', 'hpub', 'spaced'),
  ...SHARED,
];

export const LEAF_VERBS: readonly VerbForm[] = [
  form('LMSG', 'lmsg', 'spaced'),
  form('HMSG', 'hmsg', 'spaced'),
  form('LS+', 'ls+', 'spaced'),
  form('LS-', 'ls-', 'spaced'),
  ...SHARED,
];

const SP = 32;
const TAB = 9;

/**
 * What a line that begins with these bytes is: its form, undefined while it can still become one, or
 * `unknown` at the first byte that fits no operation.
 */
export function recognise(
  forms: readonly VerbForm[],
  bytes: Uint8Array,
  at: number,
  end: number,
): VerbForm | undefined | 'unknown' {
  let possible = false;
  for (const candidate of forms) {
    const { bytes: letters, argument } = candidate;
    const shared = Math.min(letters.length, end - at);
    let same = 0;
    while (same < shared && lower(bytes[at + same] as number) === letters[same]) same++;
    if (same < shared) continue;
    if (same < letters.length) {
      possible = true;
      continue;
    }
    if (argument !== 'spaced') return candidate;
    const next = bytes[at + same];
    if (at + same === end) possible = true;
    else if (next === SP || next === TAB) return candidate;
  }
  return possible ? undefined : 'unknown';
}

function lower(byte: number): number {
  return byte >= 65 && byte <= 90 ? byte | 32 : byte;
}
