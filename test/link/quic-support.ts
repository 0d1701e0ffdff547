/** Two QUIC connections with a session between them, over real UDP sockets. */
import { createHash, randomBytes } from 'node:crypto';
import type { Identity } from '../../main/identity/types.ts';
import type { LinkError } from '../../main/link/errors.ts';
import type { EstablishedConn } from '../../main/link/path-source.ts';
import { type CongestionControl, createQuicConfig } from '../../main/link/quic/config.ts';
import { QuicConnection } from '../../main/link/quic/quic-connection.ts';
import type { QuicStream } from '../../main/link/quic/quic-stream.ts';
import type { PacketConn } from '../../main/link/types.ts';
import type { UdpEndpoint } from '../../main/link/udp/udp-endpoint.ts';
import { createTestEndpoint, createTestIdentity, MemoryContacts } from './links-support.ts';

export interface QuicEnd {
  readonly quic: QuicConnection;
  readonly conn: PacketConn;
  readonly endpoint: UdpEndpoint;
  /** Streams the other side opened, in order. */
  readonly streams: QuicStream[];
  readonly closed: Promise<LinkError>;
}

export interface QuicPairOptions {
  /** Another certificate than the dialled peer's own. */
  readonly diallerTls?: Identity;
  readonly acceptorTls?: Identity;
  /** What the datagrams go through, e.g. a conn that loses some. */
  readonly wrap?: (conn: PacketConn, role: 'dialler' | 'acceptor') => PacketConn;
  readonly control?: CongestionControl;
  readonly maxHeld?: number;
  /** What the acceptor does with a stream. */
  readonly serve?: (stream: QuicStream) => void;
}

const open: QuicEnd[] = [];

export async function createQuicPair(
  options: QuicPairOptions = {},
): Promise<{ dialler: QuicEnd; acceptor: QuicEnd }> {
  const { wrap = (conn) => conn } = options;
  const [a, b] = [await createTestIdentity(), await createTestIdentity()];
  const endpoints = [a, b].map((identity, index) => {
    const contacts = new MemoryContacts();
    contacts.put((index === 0 ? b : a).key, 'accepted');
    return createTestEndpoint(identity, contacts);
  }) as [UdpEndpoint, UdpEndpoint];
  await Promise.all(endpoints.map((endpoint) => endpoint.start()));
  const end = (
    { conn, secrets }: EstablishedConn,
    endpoint: UdpEndpoint,
    identity: Identity,
  ): QuicEnd => {
    const wrapped = wrap(conn, secrets.role);
    const streams: QuicStream[] = [];
    const closed = Promise.withResolvers<LinkError>();
    const quic = new QuicConnection({
      conn: wrapped,
      role: secrets.role,
      peer: secrets.peer,
      config: createQuicConfig(identity.tls, options.control ?? 'cubic'),
      onStream: (stream) => {
        streams.push(stream);
        if (secrets.role === 'acceptor') options.serve?.(stream);
      },
      onClosed: closed.resolve,
      ...(options.maxHeld !== undefined && { maxHeld: options.maxHeld }),
    });
    const made = { quic, conn, endpoint, streams, closed: closed.promise };
    open.push(made);
    return made;
  };
  const accepted = new Promise<QuicEnd>((resolve) => {
    endpoints[1].onSession = (established) =>
      resolve(end(established, endpoints[1], options.acceptorTls ?? b));
  });
  const way = { kind: 'udp', host: '127.0.0.1', port: endpoints[1].port } as const;
  const established = await endpoints[0].dial(b.key, way, AbortSignal.timeout(5_000));
  const dialler = end(established, endpoints[0], options.diallerTls ?? a);
  return { dialler, acceptor: await accepted };
}

/** The pair, when both keys are proven. */
export async function createProvenPair(
  options: QuicPairOptions = {},
): Promise<{ dialler: QuicEnd; acceptor: QuicEnd }> {
  const pair = await createQuicPair(options);
  await Promise.all([pair.dialler.quic.established, pair.acceptor.quic.established]);
  return pair;
}

export async function closeQuicPairs(): Promise<void> {
  for (const { quic } of open) quic.close('test-over');
  await Promise.all(open.map(({ endpoint }) => endpoint.close()));
  open.length = 0;
}

/** A conn in front of another. */
export class WrappedConn implements PacketConn {
  readonly kind = 'udp';
  readonly remote: string;
  readonly maxDatagram: number;
  onDead: ((reason: Error) => void) | null = null;
  onDrain: (() => void) | null = null;
  readonly #inner: PacketConn;

  constructor(inner: PacketConn) {
    this.#inner = inner;
    this.remote = inner.remote;
    this.maxDatagram = inner.maxDatagram;
    inner.onDead = (reason) => this.onDead?.(reason);
    inner.onDrain = () => this.onDrain?.();
  }

  get onDatagram(): PacketConn['onDatagram'] {
    return this.#inner.onDatagram;
  }

  set onDatagram(listener: PacketConn['onDatagram']) {
    this.#inner.onDatagram = listener;
  }

  send(datagram: Uint8Array): boolean {
    return this.#inner.send(datagram);
  }

  close(): void {
    this.#inner.close();
  }
}

/** Sends back what comes, and ends when it ends. */
export async function echo(stream: QuicStream): Promise<void> {
  const buffer = Buffer.alloc(64 * 1024);
  for (;;) {
    const count = await stream.read(buffer);
    if (count === 0) break;
    await stream.write(buffer.subarray(0, count));
  }
  await stream.end();
}

export async function hashOf(stream: QuicStream): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(256 * 1024);
  for (;;) {
    const count = await stream.read(buffer);
    if (count === 0) return hash.digest('hex');
    hash.update(buffer.subarray(0, count));
  }
}

/** Random bytes and their SHA-256. */
export function createLoad(bytes: number): { bytes: Buffer; hash: string } {
  const load = randomBytes(bytes);
  return { bytes: load, hash: createHash('sha256').update(load).digest('hex') };
}
