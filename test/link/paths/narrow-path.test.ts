import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { PathSet } from '../../../main/link/paths/path-set.ts';
import type { PacketConn, SessionSecrets } from '../../../main/link/types.ts';

const [BASE, MOST] = [1_200, 1_350];
const WAIT = { timeout: 10_000, interval: 20 };

const open: PathSet[] = [];
afterEach(() => {
  for (const set of open.splice(0)) set.close();
});

/** A line without loss, on which what is longer than `carries` disappears. */
class NarrowConn implements PacketConn {
  readonly kind = 'udp';
  readonly maxDatagram = MOST;
  readonly baseDatagram = BASE;
  readonly remote: string;
  carries = Infinity;
  other: NarrowConn | undefined;
  onDatagram: PacketConn['onDatagram'] = null;
  onDrain = null;
  onDead = null;

  constructor(remote: string) {
    this.remote = remote;
  }

  send(datagram: Uint8Array): boolean {
    if (datagram.length > this.carries) return true;
    const copy = Uint8Array.from(datagram);
    setImmediate(() => this.other?.onDatagram?.(copy));
    return true;
  }

  close(): void {
    this.other = undefined;
  }
}

function conns(carries: number, port = 1): [NarrowConn, NarrowConn] {
  const [a, b] = [new NarrowConn(`192.0.2.1:${port}`), new NarrowConn(`192.0.2.2:${port}`)];
  [a.other, b.other] = [b, a];
  [a.carries, b.carries] = [carries, carries];
  return [a, b];
}

/** Two ends of a link; the first one's path and set. */
function createPair(carries: number): { set: PathSet; other: PathSet; conn: NarrowConn } {
  const pathKeys = { dialler: randomBytes(32), acceptor: randomBytes(32) };
  const secrets = (role: 'dialler' | 'acceptor'): SessionSecrets => ({
    role,
    pathKeys,
    peer: 'A',
    peerName: 'Test',
    id: 'id',
    tag: randomBytes(8),
  });
  const [a, b] = conns(carries);
  const set = new PathSet(a, secrets('dialler'));
  const other = new PathSet(b, secrets('acceptor'));
  open.push(set, other);
  // As QUIC does at first.
  set.send(packet(BASE));
  other.send(packet(BASE));
  return { set, other, conn: a };
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Looks like one of QUIC's. */
const packet = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(0x40);

test('packets are short until a long ping was answered', async () => {
  const { set } = createPair(Infinity);
  expect(set.maxDatagram).toBe(BASE);
  await vi.waitFor(() => expect(set.maxDatagram).toBe(MOST), WAIT);
  expect(set.list()).toMatchObject([{ state: 'current', isNarrow: false }]);
});

test('where long packets disappear short ones are sent, and that is told', async () => {
  const { set } = createPair(1_300);
  await vi.waitFor(() => {
    expect(set.list()).toMatchObject([{ state: 'current', isNarrow: true }]);
  }, WAIT);
  expect(set.maxDatagram).toBe(BASE);
  await sleep(1_500);
  expect(set.list()).toMatchObject([{ state: 'current', loss: 0 }]);
});

test('when long packets begin to disappear it is noticed, although short ones are answered', async () => {
  const { set, other, conn } = createPair(Infinity);
  await vi.waitFor(() => expect(set.maxDatagram).toBe(MOST), WAIT);
  const heard = vi.fn();
  set.onDatagram = heard;
  // The other side answers short packets, as QUIC does when it is asked.
  other.onDatagram = (datagram) => {
    if (datagram.length < 100) other.send(packet(40));
  };
  const sending = setInterval(() => {
    set.send(packet(set.maxDatagram));
    set.send(packet(40));
  }, 20);
  try {
    await sleep(200);
    conn.carries = 1_300;
    await vi.waitFor(() => expect(set.maxDatagram).toBe(BASE), WAIT);
    expect(heard).toHaveBeenCalled();
    await vi.waitFor(() => expect(set.list()[0]?.isNarrow).toBe(true), WAIT);
    expect(set.list()).toMatchObject([{ state: 'current' }]);
  } finally {
    clearInterval(sending);
  }
});

test.each([Infinity, 1_300])(
  'packets in parts arrive where a line carries %s bytes',
  async (carries) => {
    const { set, other } = createPair(carries);
    const heard: Buffer[] = [];
    other.onDatagram = (datagram) => heard.push(Buffer.from(datagram));
    const wanted = carries === Infinity ? MOST : BASE;
    await vi.waitFor(() => expect(set.maxDatagram).toBe(wanted), WAIT);
    const packets = [1, 4, 8].map((count) => {
      const bytes = randomBytes(count * (set.fragmentBytes ?? 0));
      bytes[0] = 0x40;
      return bytes;
    });
    for (const bytes of packets) expect(set.send(bytes)).toBe(true);
    await vi.waitFor(() => expect(heard.slice(-3).map(hashOf)).toEqual(packets.map(hashOf)), WAIT);
  },
);

test.each([
  { carries: BASE, state: 'standby' },
  { carries: BASE - 1, state: 'silent' },
])('a way that carries $carries bytes is $state', async ({ carries, state }) => {
  const { set, other } = createPair(Infinity);
  const [far, near] = conns(carries, 9);
  other.newcomer(near);
  set.use([{ open: () => far, close: () => undefined }]);
  set.offer([{ kind: 'udp', host: '192.0.2.10', port: 9 }]);
  await sleep(1_000);
  expect(set.list().map((path) => path.state)).toEqual(['current', state]);
});
