import { createHash, type X509Certificate } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { goText, parseDistinguishedName } from '../auth/distinguished-name.ts';
import { tlsIdentityOf } from './tls-identity.ts';

/** What a handshake has agreed on. */
export interface TlsFacts {
  /** `1.3` */
  readonly version: string;
  /** IANA name. */
  readonly cipher: string;
  /** The certificate that the other side gave. */
  readonly peer: X509Certificate | undefined;
}

export interface PeerCertificate {
  /** As Go writes it; attributes that it has no name for are left out. */
  readonly subject: string;
  /** Hex SHA-256 of the public key (SPKI), and of the certificate. */
  readonly keyHash: string;
  readonly hash: string;
}

/** Without the module of TLS, which most routers never load. */
export function isTls(stream: Duplex): stream is TLSSocket {
  return 'encrypted' in stream && stream.encrypted === true;
}

/** Taken while the socket is open: afterwards it knows nothing any more. */
export function tlsFactsOf(socket: TLSSocket): TlsFacts {
  return {
    version: (socket.getProtocol() ?? '').replace('TLSv', ''),
    cipher: socket.getCipher()?.standardName ?? '',
    peer: socket.getPeerX509Certificate(),
  };
}

export function peerCertificate({ peer }: TlsFacts): PeerCertificate | undefined {
  if (peer === undefined) return undefined;
  const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  return {
    subject: goText(parseDistinguishedName(tlsIdentityOf(peer.raw).distinguishedName) ?? []),
    keyHash: hash(peer.publicKey.export({ type: 'spki', format: 'der' })),
    hash: hash(peer.raw),
  };
}
