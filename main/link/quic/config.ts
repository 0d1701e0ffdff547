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
 * Received bytes of one stream that may wait for its reader: of one that the other side opened, of one that this side
 * opened, which the other side cannot make many, and of one that is read fast (docs/link.md "Windows"). What all streams
 * of the other side may hold together is MAX_STREAMS times the first: 128 MiB. The last is four round trips of 200 ms
 * at 20 MB/s, which a packet that is lost three times takes; what all may hold then is limited by held-limit.ts.
 */
export const FIRST_STREAM_WINDOW = 512 * 1024;
export const FIRST_OWN_STREAM_WINDOW = 2 * 1024 * 1024;
export const MAX_STREAM_WINDOW = 16 * 1024 * 1024;
/**
 * The packet that quiche counts its congestion window in. Its smallest window is as large, so that it is rate/ that
 * says how much may be under way; and no packet is as long, because none is longer than the buffer it is written into.
 */
const UNLIMITED_PACKET = 2 * 1024 * 1024;
/** Marks and reports (rate/) that may wait; what comes beyond is dropped. */
const MAX_WAITING_DATAGRAMS = 64;
/**
 * No limit for the link as a whole. quiche 0.18 lets its window shrink to 48 KiB once the first credit is
 * used, and then one stream that nobody reads holds up all others, the control stream and the signals too.
 */
const LINK_CREDIT = Number.MAX_SAFE_INTEGER;
/** The signal stream carries 4-byte records; see signals.ts. */
const SIGNAL_WINDOW = 64 * 1024;

/**
 * `own`: rate/ says how fast; `cubic`: quiche does, which costs less, and is for two peers on one machine, where nothing
 * is lost (docs/link.md "QUIC").
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
  config.enableDgram(true, MAX_WAITING_DATAGRAMS, MAX_WAITING_DATAGRAMS);
  config.setInitialMaxStreamsBidi(MAX_STREAMS);
  config.setInitialMaxStreamsUni(1);
  config.setInitialMaxData(LINK_CREDIT);
  config.setInitialMaxStreamDataBidiLocal(FIRST_OWN_STREAM_WINDOW);
  config.setInitialMaxStreamDataBidiRemote(FIRST_STREAM_WINDOW);
  config.setInitialMaxStreamDataUni(SIGNAL_WINDOW);
  config.setMaxStreamWindow(MAX_STREAM_WINDOW);
  config.setDisableActiveMigration(true);
  // Of quiche's three the one whose round trips are right where much is sent.
  config.setCcAlgorithmName(control === 'own' ? 'bbr' : control);
  config.enablePacing(false);
  return { native: config, control };
}
