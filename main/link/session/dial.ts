import { randomBytes } from 'node:crypto';
import { cleanName } from '../../base/display-name.ts';
import { LinkError } from '../errors.ts';
import type { SessionSecrets } from '../types.ts';
import { decodeAnswer, encodeDial, inviteMessage, VERSION } from './messages.ts';
import { refusalError } from './refusals.ts';
import { createEphemeral, deriveSession } from './secrets.ts';
import type { CreateDial } from './types.ts';

/** What this build can do beyond version 1 of the protocol. */
export const CAPABILITIES: string[] = [];

/** Makes a signed dial and waits, with its ephemeral key, for the answer (docs/protocol.md "Dial"). */
export const createDial: CreateDial = ({ signer, name, to, contacts, now }) => {
  const { publicKey, privateKey } = createEphemeral();
  const nonce = new Uint8Array(randomBytes(32));
  const unproven = {
    v: VERSION,
    from: signer.key,
    to,
    eph: publicKey,
    nonce,
    ts: now,
    name: cleanName(name),
    caps: CAPABILITIES,
  } as const;
  const invite = contacts.inviteProof(to, inviteMessage(unproven));
  const bytes = encodeDial(
    {
      ...unproven,
      ...(invite && {
        invite: { id: new Uint8Array(invite.id), proof: new Uint8Array(invite.proof) },
      }),
    },
    signer,
  );
  let ephemeral: typeof privateKey | undefined = privateKey;

  const complete = (answerBytes: Uint8Array): SessionSecrets => {
    if (ephemeral === undefined) {
      throw new LinkError('bad-answer', 'An answer came to a dial that is over already.');
    }
    const answer = decodeAnswer(answerBytes, bytes, to, signer.key);
    if (answer === undefined) {
      throw new LinkError('bad-answer', 'An answer came that the dialled peer did not sign.');
    }
    if ('refusal' in answer) {
      ephemeral = undefined;
      throw refusalError(answer, now);
    }
    try {
      const ids = deriveSession({
        privateKey: ephemeral,
        theirEph: answer.eph,
        dialler: { key: signer.key, nonce },
        acceptor: { key: to, nonce: answer.nonce },
      });
      ephemeral = undefined;
      const peerName = cleanName(answer.name) || to.slice(0, 8);
      return { peer: to, peerName, role: 'dialler', ...ids };
    } catch (cause) {
      throw new LinkError('bad-answer', 'The answer holds a key that nobody may use.', { cause });
    }
  };

  return {
    bytes,
    complete,
    discard: () => {
      ephemeral = undefined;
    },
  };
};
