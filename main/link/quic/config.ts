import { quiche, type Config } from '@matrixai/quic/native/index.js';
import type { TlsCredential } from '../../identity/types.ts';

/** ALPN of a link (docs/protocol.md "QUIC"). */
export const ALPN = 'skerry/1';

/** The largest packet on any path, bytes; a path may take less. */
export const MAX_PACKET = 16_383;
/** Streams the other side may have open at once. */
export const MAX_STREAMS = 256;
/** A link with nothing from the other side for so long is down. */
export const IDLE_TIMEOUT_MS = 60_000;

/**
 * Received bytes of one stream that may wait for its reader: at first, and once quiche has seen that it reads
 * fast, doubled by and by. What all new streams together may hold is MAX_STREAMS times the first: 128 MiB. The second
 * is what 40 MB/s are in a round trip of 200 ms, and somewhat more than TCP connections get on Linux (6 MiB);
 * what all may hold then is limited by held-limit.ts.
 */
export const FIRST_STREAM_WINDOW = 512 * 1024;
/** The same of a stream that this side opened: the other side cannot make them many. */
export const FIRST_OWN_STREAM_WINDOW = 2 * 1024 * 1024;
export const MAX_STREAM_WINDOW = 16 * 1024 * 1024;
/** What quiche's congestion control leaves free at any time, bytes, where rate/ says how much may be under way. */
const UNLIMITED_PACKET = 16 * 1024 * 1024;
/**
 * No limit for the link as a whole. quiche 0.18 lets its window shrink to 48 KiB once the first credit is
 * used, and then one stream that nobody reads holds up all others, the control stream and the signals too.
 */
const LINK_CREDIT = Number.MAX_SAFE_INTEGER;
/** The signal stream carries 4-byte records; see signals.ts. */
const SIGNAL_WINDOW = 64 * 1024;

/**
 * Between two peers on one machine CUBIC is the faster one, by a tenth to a third. Everywhere else it is BBR: without
 * pacing and with packets that are shorter than MAX_PACKET, the loss-based ones of quiche 0.18 measure ever longer
 * round trips as soon as their window is small (docs/link.md "QUIC").
 */
export type CongestionControl = 'cubic' | 'own';

export interface QuicConfig {
  readonly native: Config;
  readonly control: CongestionControl;
}

/**
 * quiche's configuration for one identity. Packets may be as large as the best path takes: a link moves between
 * paths, and what is written into a smaller buffer is a smaller packet.
 */
export function createQuicConfig(tls: TlsCredential, control: CongestionControl): QuicConfig {
  // Both sides must present a certificate, and any is taken at first: what counts is the key inside, which
  // `provenKey` compares. Ed25519 is the only signature that is spoken.
  const config = quiche.Config.withBoringSslCtx(
    true,
    true,
    null,
    [Buffer.from(tls.keyPem)],
    [Buffer.from(tls.certPem)],
    'ed25519',
  );
  config.setApplicationProtos([ALPN]);
  config.setMaxIdleTimeout(IDLE_TIMEOUT_MS);
  config.setMaxRecvUdpPayloadSize(UNLIMITED_PACKET);
  config.setMaxSendUdpPayloadSize(control === 'own' ? UNLIMITED_PACKET : MAX_PACKET);
  config.enableDgram(true, 64, 64);
  config.setInitialMaxStreamsBidi(MAX_STREAMS);
  config.setInitialMaxStreamsUni(1);
  config.setInitialMaxData(LINK_CREDIT);
  config.setInitialMaxStreamDataBidiLocal(FIRST_OWN_STREAM_WINDOW);
  config.setInitialMaxStreamDataBidiRemote(FIRST_STREAM_WINDOW);
  config.setInitialMaxStreamDataUni(SIGNAL_WINDOW);
  config.setMaxStreamWindow(MAX_STREAM_WINDOW);
  config.setDisableActiveMigration(true);
  config.setCcAlgorithmName(control === 'own' ? 'bbr' : control);
  config.enablePacing(false);
  return { native: config, control };
}
