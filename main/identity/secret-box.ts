/** AES-256-GCM (NIST SP 800-38D): nonce 12 bytes ‖ ciphertext ‖ tag 16 bytes. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
export const NONCE_LENGTH = 12;
export const TAG_LENGTH = 16;

/** @param key 32 bytes; @param bound bytes that must be the same when opened (associated data) */
export function sealBox(key: Uint8Array, plain: Uint8Array, bound: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_LENGTH);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_LENGTH });
  cipher.setAAD(bound);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** The plain bytes, or undefined when key, box or bound bytes are not what they were. */
export function openBox(
  key: Uint8Array,
  box: Uint8Array,
  bound: Uint8Array,
): Uint8Array | undefined {
  if (box.byteLength < NONCE_LENGTH + TAG_LENGTH) return undefined;
  const end = box.byteLength - TAG_LENGTH;
  const decipher = createDecipheriv(ALGORITHM, key, box.subarray(0, NONCE_LENGTH), {
    authTagLength: TAG_LENGTH,
  });
  decipher.setAAD(bound);
  decipher.setAuthTag(box.subarray(end));
  const plain = decipher.update(box.subarray(NONCE_LENGTH, end));
  try {
    decipher.final();
  } catch {
    // The only failure of `final` here: the tag does not match.
    plain.fill(0);
    return undefined;
  }
  return plain;
}
