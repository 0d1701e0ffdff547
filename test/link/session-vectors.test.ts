import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  verify,
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import { decode, encode } from 'cborg';
import { describe, expect, it } from 'vitest';
import { decodeNKey } from '../../main/base/nkey.ts';
import { sessionVectors, VECTORS } from './session-vectors.ts';

const vectors = JSON.parse(readFileSync(VECTORS, 'utf8')) as ReturnType<typeof sessionVectors>;
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

/** HKDF-SHA-256 of up to 32 bytes, from RFC 5869 alone. */
function hkdf(ikm: Buffer, salt: Buffer, info: string, length: number): Buffer {
  const prk = createHmac('sha256', salt.length === 0 ? Buffer.alloc(32) : salt)
    .update(ikm)
    .digest();
  return createHmac('sha256', prk).update(info).update(Buffer.of(1)).digest().subarray(0, length);
}

function signedBy(key: string, domain: string, message: Uint8Array, sig: Uint8Array): boolean {
  const raw = decodeNKey('account', key) ?? Buffer.alloc(0);
  const der = Buffer.concat([bytes('302a300506032b6570032100'), raw]);
  const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
  return verify(null, Buffer.concat([Buffer.from(`${domain}\0`), message]), publicKey, sig);
}

describe('session vectors', () => {
  it('are what this build makes of their inputs', () => {
    expect(sessionVectors()).toEqual(vectors);
  });

  it('follow from docs/protocol.md with nothing but CBOR, SHA-256 and Ed25519', () => {
    const { keys, messages, session, inputs } = vectors;
    const { sig, ...dial } = decode(bytes(messages.dial)) as { sig: Uint8Array };
    expect(signedBy(keys.dialler, 'skerry dial 1', encode(dial), sig)).toBe(true);
    for (const [domain, text] of [
      ['skerry ack 1', messages.ack],
      ['skerry refusal 1', messages.refusalUnknownPeer],
    ] as const) {
      const { sig: answerSig, ...answer } = decode(bytes(text)) as { sig: Uint8Array };
      const hash = createHash('sha256')
        .update(bytes(messages.dial))
        .update(encode(answer))
        .digest();
      expect(signedBy(keys.acceptor, domain, hash, answerSig)).toBe(true);
    }
    const inviteMessage = Buffer.concat([Buffer.from('skerry invite 1\0'), encode(dial)]);
    expect(messages.inviteMessage).toBe(inviteMessage.toString('hex'));
    const proof = createHmac('sha256', bytes(inputs.inviteSecret)).update(inviteMessage);
    expect(messages.inviteProof).toBe(proof.digest('hex'));
    const secret = bytes(session.secret);
    // From the acceptor's side, while the vectors were made on the dialler's.
    const pkcs8 = bytes(`302e020100300506032b656e04220420${inputs.acceptorEphemeral}`);
    const spki = bytes(`302a300506032b656e032100${keys.diallerEph}`);
    const shared = diffieHellman({
      privateKey: createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }),
      publicKey: createPublicKey({ key: spki, format: 'der', type: 'spki' }),
    });
    const salt = bytes(inputs.diallerNonce + inputs.acceptorNonce);
    const info = `skerry session 1${keys.dialler}${keys.acceptor}`;
    expect(hkdf(shared, salt, info, 32)).toEqual(secret);
    const id = hkdf(secret, Buffer.alloc(0), 'skerry session id 1', 16);
    const base32 = [...id].map((byte) => byte.toString(2).padStart(8, '0')).join('');
    const digits = base32.padEnd(130, '0').match(/.{5}/g) ?? [];
    const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
    expect(digits.map((digit) => alphabet.charAt(Number.parseInt(digit, 2))).join('')).toBe(
      session.id,
    );
    expect(hkdf(secret, Buffer.alloc(0), 'skerry session tag 1', 8).toString('hex')).toBe(
      session.tag,
    );
  });
});
