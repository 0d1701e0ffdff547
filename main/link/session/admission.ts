/** Decides who gets a session (docs/protocol.md "Admission"). */
import { createHash, randomBytes } from 'node:crypto';
import { cleanName } from '../../base/display-name.ts';
import type { Way } from '../../identity/types.ts';
import { CAPABILITIES } from './dial.ts';
import { ExpiringMap } from './expiring-map.ts';
import { Guard, type GuardLimits } from './guard.ts';
import {
  decodeDial,
  encodeAnswer,
  inviteMessage,
  verifyDial,
  VERSION,
  type Dial,
  type RefusalCode,
} from './messages.ts';
import { createEphemeral, deriveSession, type SessionIds } from './secrets.ts';
import { TokenBucket } from './token-bucket.ts';
import type { Admission, AdmissionOptions, DialAnswer } from './types.ts';

/** How far a dial's clock may be from ours, either way. */
const MAX_SKEW_MS = 90_000;
const REQUEST_WINDOW_MS = 60 * 60_000;

/** What admission spends on dials and remembers of them, at most. */
export interface AdmissionLimits {
  readonly contacts: GuardLimits;
  readonly strangers: GuardLimits;
  /** Strangers that are passed on as requests in an hour. */
  readonly requestsPerHour: number;
  /** Signatures checked a second. */
  readonly verificationsPerSecond: number;
  /** Answers a second to dials of another version, whose sender is not known. */
  readonly versionRefusalsPerSecond: number;
}

/** A few MB and, under attack, about a tenth of a core. */
const DEFAULT_LIMITS: AdmissionLimits = {
  contacts: { nonces: 16_384, keys: 4096, answers: 1024 },
  strangers: { nonces: 4096, keys: 4096, answers: 256 },
  requestsPerHour: 100,
  verificationsPerSecond: 500,
  versionRefusalsPerSecond: 10,
};

const SILENCE: DialAnswer = { reply: null };

/** @param limits other than the default ones, for tests */
export function createAdmission(
  options: AdmissionOptions,
  limits: AdmissionLimits = DEFAULT_LIMITS,
): Admission {
  const { signer, contacts } = options;
  const known = new Guard(limits.contacts);
  const strangers = new Guard(limits.strangers);
  const requests = new ExpiringMap<true>(REQUEST_WINDOW_MS, limits.requestsPerHour);
  const perSecond = (rate: number): TokenBucket => new TokenBucket(rate, rate, options.now());
  const verifications = perSecond(limits.verificationsPerSecond);
  const versionRefusals = perSecond(limits.versionRefusalsPerSecond);

  const refuse = (refusal: RefusalCode, dial: Uint8Array, to: string, now: number): Uint8Array =>
    encodeAnswer({ v: VERSION, from: signer.key, to, ts: now, refusal }, dial, signer);

  /** A stranger asked: passed on once an hour for each key, and to a bounded number of keys. */
  const noteRequest = (dial: Dial, way: Way | null, now: number): void => {
    if (requests.get(dial.from, now) === true || !requests.set(dial.from, true, now)) return;
    contacts.noteRequest(dial.from, nameOf(dial), way);
  };

  /** Whether the contact's state, or an invite, opens a session for this dial. */
  const isWelcome = (dial: Dial, way: Way | null, now: number): boolean => {
    const state = contacts.stateOf(dial.from);
    if (state === 'accepted' || state === 'invited') return true;
    // A blocked key hears what any stranger hears: it cannot tell whether it was blocked or forgotten.
    if (state === 'blocked') return false;
    const { invite } = dial;
    if (
      invite !== undefined &&
      contacts.redeem(invite.id, invite.proof, inviteMessage(dial), dial.from, now)
    ) {
      return true;
    }
    noteRequest(dial, way, now);
    return false;
  };

  const open = (dial: Dial, bytes: Uint8Array, now: number): DialAnswer => {
    const { publicKey, privateKey } = createEphemeral();
    const nonce = new Uint8Array(randomBytes(32));
    let ids: SessionIds;
    try {
      ids = deriveSession({
        privateKey,
        theirEph: dial.eph,
        dialler: { key: dial.from, nonce: dial.nonce },
        acceptor: { key: signer.key, nonce },
      });
    } catch {
      // An ephemeral key of small order: no honest peer sends one, and nothing more is said to it.
      return SILENCE;
    }
    const reply = encodeAnswer(
      {
        v: VERSION,
        from: signer.key,
        to: dial.from,
        eph: publicKey,
        nonce,
        ts: now,
        name: cleanName(options.name()),
        caps: CAPABILITIES,
      },
      bytes,
      signer,
    );
    return {
      reply,
      session: { peer: dial.from, peerName: nameOf(dial), role: 'acceptor', ...ids },
    };
  };

  /** Everything after the signature was found good. */
  const decide = (dial: Dial, bytes: Uint8Array, way: Way | null, guard: Guard): DialAnswer => {
    const now = options.now();
    const refused = (code: RefusalCode): DialAnswer => ({
      reply: refuse(code, bytes, dial.from, now),
    });
    // The key is part of it: nobody else can use up a nonce by repeating it under another key.
    const nonce = `${dial.from}${Buffer.from(dial.nonce).toString('latin1')}`;
    if (known.seen(nonce, now) || strangers.seen(nonce, now)) return SILENCE;
    const admitted = guard.admit(dial.from, now);
    if (admitted === 'silent') return SILENCE;
    if (admitted === 'busy') return refused('busy');
    if (Math.abs(dial.ts - now) > MAX_SKEW_MS) return refused('clock-skew');
    if (!guard.remember(nonce, now)) return refused('busy');
    return isWelcome(dial, way, now) ? open(dial, bytes, now) : refused('unknown-peer');
  };

  return {
    answer(bytes, way) {
      const decoded = decodeDial(bytes);
      if (decoded.kind === 'malformed') return SILENCE;
      const now = options.now();
      if (decoded.kind === 'other-version') {
        if (decoded.to !== signer.key || !versionRefusals.take(now)) return SILENCE;
        return { reply: refuse('version', bytes, decoded.from, now) };
      }
      const { dial } = decoded;
      if (dial.to !== signer.key || dial.from === signer.key) return SILENCE;
      const hash = createHash('sha256').update(bytes).digest('base64');
      const repeated = known.answerTo(hash, now) ?? strangers.answerTo(hash, now);
      if (repeated !== undefined) return { reply: repeated };
      if (!verifications.take(now) || !verifyDial(dial)) return SILENCE;
      const state = contacts.stateOf(dial.from);
      const guard = state === 'accepted' || state === 'invited' ? known : strangers;
      const answer = decide(dial, bytes, way, guard);
      if (answer.reply !== null) guard.keepAnswer(hash, answer.reply, now);
      return answer;
    },
  };
}

function nameOf(dial: Dial): string {
  return cleanName(dial.name) || dial.from.slice(0, 8);
}
