import { createSecretKey, hkdfSync } from 'node:crypto';
import { encodeNKey } from '../base/nkey.ts';
import { signWith } from '../base/signature.ts';
import { agree, agreementKey } from './agreement.ts';
import { selfSignedCredential } from './certificate.ts';
import { ed25519PrivateKey, rawPublicKey } from './ed25519.ts';
import type { Secrets } from './key-file/secrets.ts';
import { createNatsUser } from './nats-user.ts';
import type { Identity, NatsUser } from './types.ts';

/** An identity from its seeds; the seeds themselves are not kept, only Node's key objects of them. */
export async function createIdentity(
  secrets: Secrets,
): Promise<{ identity: Identity; natsUser: NatsUser }> {
  const accountKey = ed25519PrivateKey(secrets.accountSeed);
  const userKey = ed25519PrivateKey(secrets.userSeed);
  const privateKey = agreementKey(secrets.accountSeed);
  const root = createSecretKey(secrets.accountSeed);
  const key = encodeNKey('account', rawPublicKey(accountKey));
  const tls = await selfSignedCredential(key, accountKey);
  return {
    identity: {
      key,
      tls,
      sign: (domain, message) => signWith(accountKey, domain, message),
      derive: (purpose) => new Uint8Array(hkdfSync('sha256', root, 'skerry derive 1', purpose, 32)),
      agree: (peer, purpose) => agree({ key, privateKey }, peer, purpose),
    },
    natsUser: createNatsUser({ account: key, accountKey, userKey, issuedAt: Date.now() }),
  };
}
