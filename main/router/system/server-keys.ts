/** Who a router is: a key pair of its own for each run, as nats-server has. */
import { generateKeyPairSync } from 'node:crypto';
import { encodeNKey } from '../../base/nkey.ts';

export interface ServerKeys {
  /** `N…`: the server's id. */
  readonly id: string;
  /** `X…`: what INFO offers to those who encrypt for the server. */
  readonly xkey: string;
}

/** Nothing is signed or opened with them, so only the public halves are kept. */
export function createServerKeys(): ServerKeys {
  return {
    id: encodeNKey('server', newKey('ed25519')),
    xkey: encodeNKey('curve', newKey('x25519')),
  };
}

function newKey(kind: 'ed25519' | 'x25519'): Uint8Array {
  const { publicKey } =
    kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519');
  const { x } = publicKey.export({ format: 'jwk' });
  return Buffer.from(x ?? '', 'base64url');
}
