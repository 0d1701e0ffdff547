/** Keys, contacts and a clock for tests of the session establishment; the keys are real, the store is a map. */
import { createHmac, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { expect } from 'vitest';
import { codeOf, messageOf } from '../../main/base/errors.ts';
import { encodeNKey } from '../../main/base/nkey.ts';
import { signWith } from '../../main/base/signature.ts';
import type { ContactState, PeerKey, Signer, Way } from '../../main/identity/types.ts';
import { createAdmission, type AdmissionLimits } from '../../main/link/session/admission.ts';
import { encodeCbor } from '../../main/base/cbor.ts';
import { decodeCanonical } from '../../main/link/session/cbor.ts';
import { createDial } from '../../main/link/session/dial.ts';
import type { Dial } from '../../main/link/session/messages.ts';
import type { Admission, DialAnswer, PendingDial } from '../../main/link/session/types.ts';
import type { LinkContacts } from '../../main/link/types.ts';

export const START = Date.UTC(2026, 0, 15, 12);
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;

export function createSigner(
  pair: { publicKey: KeyObject; privateKey: KeyObject } = generateKeyPairSync('ed25519'),
): Signer {
  const raw = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  return {
    key: encodeNKey('account', raw),
    sign: (domain, message) => signWith(pair.privateKey, domain, message),
  };
}

interface Request {
  readonly key: PeerKey;
  readonly name: string;
  readonly way: Way | null;
}

/** Contacts in memory; `openInvites` is id in hex → secret. */
export class TestContacts implements LinkContacts {
  readonly states = new Map<PeerKey, ContactState>();
  readonly requests: Request[] = [];
  readonly openInvites = new Map<string, Uint8Array>();
  readonly receivedInvites = new Map<PeerKey, { id: Uint8Array; secret: Uint8Array }>();

  stateOf(key: PeerKey): ContactState | undefined {
    return this.states.get(key);
  }

  waysOf(): readonly Way[] {
    return [];
  }

  wanted(): PeerKey[] {
    return [...this.states.keys()];
  }

  noteRequest(key: PeerKey, name: string, way: Way | null): void {
    this.requests.push({ key, name, way });
  }

  noteLinked(): void {
    throw new Error('the session establishment never says this');
  }

  redeem(id: Uint8Array, proof: Uint8Array, message: Uint8Array, by: PeerKey): boolean {
    const name = Buffer.from(id).toString('hex');
    const secret = this.openInvites.get(name);
    if (secret === undefined || !hmac(secret, message).equals(proof)) return false;
    this.openInvites.delete(name);
    this.states.set(by, 'accepted');
    return true;
  }

  inviteProof(
    key: PeerKey,
    message: Uint8Array,
  ): { id: Uint8Array; proof: Uint8Array } | undefined {
    const invite = this.receivedInvites.get(key);
    return invite && { id: invite.id, proof: hmac(invite.secret, message) };
  }

  onChange(): () => void {
    return () => undefined;
  }
}

function hmac(secret: Uint8Array, message: Uint8Array): Buffer {
  return createHmac('sha256', secret).update(message).digest();
}

/** Small enough to reach in a test. */
export const SMALL_LIMITS: AdmissionLimits = {
  contacts: { nonces: 20, keys: 20, answers: 4 },
  strangers: { nonces: 20, keys: 20, answers: 4 },
  requestsPerHour: 10,
  verificationsPerSecond: 1000,
  versionRefusalsPerSecond: 10,
};

export interface Side {
  readonly signer: Signer;
  readonly contacts: TestContacts;
  clock: number;
}

export const createSide = (): Side => ({
  signer: createSigner(),
  contacts: new TestContacts(),
  clock: START,
});

export interface World {
  readonly dialler: Side;
  readonly acceptor: Side;
  readonly admission: Admission;
  dial(options?: { to?: string; name?: string; by?: Side }): PendingDial;
  answer(dial: Pick<PendingDial, 'bytes'>): DialAnswer;
  /** Both clocks go on. */
  pass(ms: number): void;
}

/** Bob dials Ada; they are each other's accepted contacts, or strangers. */
export function createWorld(
  options: { strangers?: boolean; limits?: AdmissionLimits } = {},
): World {
  const [dialler, acceptor] = [createSide(), createSide()];
  if (options.strangers !== true) {
    dialler.contacts.states.set(acceptor.signer.key, 'accepted');
    acceptor.contacts.states.set(dialler.signer.key, 'accepted');
  }
  const admission = createAdmission(
    {
      signer: acceptor.signer,
      name: () => 'Ada',
      contacts: acceptor.contacts,
      now: () => acceptor.clock,
    },
    options.limits,
  );
  return {
    dialler,
    acceptor,
    admission,
    dial: ({ to = acceptor.signer.key, name = 'Bob', by = dialler } = {}) =>
      createDial({ signer: by.signer, name, to, contacts: by.contacts, now: by.clock }),
    answer: ({ bytes }) => admission.answer(bytes, null),
    pass(ms) {
      dialler.clock += ms;
      acceptor.clock += ms;
    },
  };
}

export function replyOf(answer: DialAnswer): Uint8Array {
  if (answer.reply === null) throw new Error('there was no reply');
  return answer.reply;
}

export function refusalOf(
  dial: PendingDial,
  answer: DialAnswer,
): { code: string; message: string } {
  expect(answer.session).toBeUndefined();
  try {
    dial.complete(replyOf(answer));
  } catch (error) {
    return { code: codeOf(error) ?? '', message: messageOf(error) };
  }
  throw new Error('it was no refusal');
}

/** Gives `by` an invite of the acceptor. */
export function invite({ acceptor }: World, by: Side): void {
  const [id, secret] = [randomBytes(16), randomBytes(32)];
  acceptor.contacts.openInvites.set(id.toString('hex'), secret);
  by.contacts.receivedInvites.set(acceptor.signer.key, { id, secret });
}

export const parse = (bytes: Uint8Array): Dial => decodeCanonical(bytes, 1000) as Dial;

/** The dial with some fields changed, signed anew by `signer` or with the signature it had. */
export function edit(bytes: Uint8Array, change: object, signer?: Signer): Uint8Array {
  const { sig, ...rest } = { ...parse(bytes), ...change };
  const signature = signer ? signer.sign('skerry dial 1', encodeCbor(rest)) : sig;
  return encodeCbor({ ...rest, sig: signature && new Uint8Array(signature) });
}
