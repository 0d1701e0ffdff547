/**
 * The test vectors of docs/protocol.md, computed by this build from fixed keys. To write them anew:
 * `node test/link/session-vectors.ts`, after a change of the protocol that was meant.
 */
import { createHmac, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { encodeFrame } from '../../main/link/framing.ts';
import { encodeAnswer, encodeDial, inviteMessage } from '../../main/link/session/messages.ts';
import { PathMessages } from '../../main/link/paths/path-message.ts';
import { deriveSecret, sessionIds } from '../../main/link/session/secrets.ts';
import {
  encodeCookie,
  encodeDialling,
  encodeHello,
  encodeReply,
} from '../../main/link/udp/handshake-wire.ts';
import { createSigner } from './session-support.ts';

export const VECTORS = fileURLToPath(new URL('../vectors/session.json', import.meta.url));

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const filled = (length: number, first: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (first + index) & 255);

/** PKCS #8 of a raw private key (RFC 8410 section 7). */
function privateKey(kind: 'ed25519' | 'x25519', raw: Uint8Array): KeyObject {
  const oid = kind === 'ed25519' ? '70' : '6e';
  const der = Buffer.concat([Buffer.from(`302e020100300506032b65${oid}04220420`, 'hex'), raw]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

const publicBytes = (key: KeyObject): Uint8Array =>
  new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32));

export function sessionVectors() {
  const inputs = {
    diallerSeed: filled(32, 0x00),
    acceptorSeed: filled(32, 0x20),
    diallerEphemeral: filled(32, 0x40),
    acceptorEphemeral: filled(32, 0x60),
    diallerNonce: filled(32, 0x80),
    acceptorNonce: filled(32, 0xa0),
    inviteId: filled(16, 0xc0),
    inviteSecret: filled(32, 0xd0),
    attempt: filled(16, 0xf0),
    cookie: filled(16, 0x11),
  };
  const signerOf = (seed: Uint8Array) => {
    const key = privateKey('ed25519', seed);
    return createSigner({ publicKey: createPublicKey(key), privateKey: key });
  };
  const [bob, ada] = [signerOf(inputs.diallerSeed), signerOf(inputs.acceptorSeed)];
  const bobEph = privateKey('x25519', inputs.diallerEphemeral);
  const adaEph = privateKey('x25519', inputs.acceptorEphemeral);
  const dialFields = {
    v: 1,
    from: bob.key,
    to: ada.key,
    eph: publicBytes(bobEph),
    nonce: inputs.diallerNonce,
    ts: 1_767_225_600_000,
    name: 'Bob',
    caps: [] as string[],
  } as const;
  const message = inviteMessage(dialFields);
  const proof = new Uint8Array(createHmac('sha256', inputs.inviteSecret).update(message).digest());
  const dial = encodeDial(dialFields, bob);
  const invite = { id: inputs.inviteId, proof };
  const dialWithInvite = encodeDial({ ...dialFields, invite }, bob);
  const ackFields = {
    v: 1,
    from: ada.key,
    to: bob.key,
    eph: publicBytes(adaEph),
    nonce: inputs.acceptorNonce,
    ts: 1_767_225_600_123,
    name: 'Ada',
    caps: [] as string[],
  } as const;
  const ack = encodeAnswer(ackFields, dial, ada);
  const refusal = encodeAnswer(
    { v: 1, from: ada.key, to: bob.key, ts: ackFields.ts, refusal: 'unknown-peer' },
    dial,
    ada,
  );
  const secret = deriveSecret({
    privateKey: bobEph,
    theirEph: ackFields.eph,
    dialler: { key: bob.key, nonce: inputs.diallerNonce },
    acceptor: { key: ada.key, nonce: inputs.acceptorNonce },
  });
  const { id, tag, pathKeys } = sessionIds(secret);
  const messages = new PathMessages(pathKeys, 'dialler');
  const ping = messages.ping().datagram;
  const pong = messages.pong(7, '192.0.2.1:4711');
  const inHex = Object.entries(inputs).map(([name, bytes]) => [name, hex(bytes)]);
  return {
    inputs: {
      ...(Object.fromEntries(inHex) as Record<keyof typeof inputs, string>),
      diallerTs: dialFields.ts,
      acceptorTs: ackFields.ts,
      diallerName: 'Bob',
      acceptorName: 'Ada',
    },
    keys: {
      dialler: bob.key,
      acceptor: ada.key,
      diallerEph: hex(dialFields.eph),
      acceptorEph: hex(ackFields.eph),
    },
    messages: {
      dial: hex(dial),
      inviteMessage: hex(message),
      inviteProof: hex(proof),
      dialWithInvite: hex(dialWithInvite),
      ack: hex(ack),
      refusalUnknownPeer: hex(refusal),
    },
    session: { secret: hex(secret), id, tag: hex(tag) },
    paths: {
      diallerKey: hex(pathKeys.dialler),
      acceptorKey: hex(pathKeys.acceptor),
      /** The dialler's first message: counter 0. */
      ping: hex(ping),
      /** Its second one: answers counter 7, which came from 192.0.2.1:4711. */
      pong: hex(pong),
    },
    nats: {
      dialSubject: `skerry.dial.${ada.key}`,
      diallerSends: `skerry.s.${id}.0`,
      acceptorSends: `skerry.s.${id}.1`,
    },
    udp: {
      hello: hex(encodeHello(inputs.attempt)),
      cookie: hex(encodeCookie(inputs.attempt, inputs.cookie)),
      dial: hex(encodeDialling(inputs.attempt, inputs.cookie, dial)),
      answer: hex(encodeReply(inputs.attempt, ack)),
    },
    streams: {
      opening: hex(encodeFrame({ protocol: '/skerry/share/1', share: 'x' }, 4096)),
      accepted: hex(encodeFrame({ ok: true }, 256)),
      refused: hex(encodeFrame({ refused: 'unknown-protocol' }, 256)),
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(VECTORS, `${JSON.stringify(sessionVectors(), null, 2)}\n`);
}
