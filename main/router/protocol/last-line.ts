/**
 * The control line of the publication that was read last. Who publishes much repeats it, byte for byte: then it
 * need not be read again, nor asked again who its subject is for. It stands in the bytes that are being read,
 * and so is worth nothing any more when others are.
 */
import type { Slab } from '../connection/slab.ts';
import type { MatchResult } from '../subject/match-result.ts';

export class LastLine {
  /** Bytes with CR LF; 0: there is none. */
  length = 0;
  at = 0;
  /** From its first byte to the subject, and to what follows the subject. */
  subjectOffset = 0;
  subjectLength = 0;
  subjectHash = 0;
  restOffset = 0;
  replyLength = 0;
  headerSize = -1;
  size = 0;
  /** Who was asked for the receivers, at which version, and the answer. */
  #asked: object | undefined;
  #version = 0;
  #receivers: MatchResult | undefined;

  forget(): void {
    this.length = 0;
  }

  /** Whether the same line stands at `at` again, before `end`. */
  isAgainAt({ view }: Slab, at: number, end: number): boolean {
    const { length } = this;
    if (length === 0 || at + length > end) return false;
    // From the end on, where sizes and the last of many subjects differ.
    let before = this.at + length - 4;
    let now = at + length - 4;
    while (now > at) {
      if (view.getInt32(now, true) !== view.getInt32(before, true)) return false;
      now -= 4;
      before -= 4;
    }
    return view.getInt32(at, true) === view.getInt32(this.at, true);
  }

  /** Undefined when somebody else was asked last, or the same one before it changed. */
  receivers(asked: object, version: number): MatchResult | undefined {
    return this.#asked === asked && this.#version === version ? this.#receivers : undefined;
  }

  rememberReceivers(asked: object, version: number, receivers: MatchResult): void {
    this.#asked = asked;
    this.#version = version;
    this.#receivers = receivers;
  }

  forgetReceivers(): void {
    this.#asked = undefined;
  }
}
