/** Shapes of the contract with everything filled in; tests change what they are about. */
import type {
  ContactInfo,
  EntryInfo,
  ForwardInfo,
  LinkInfo,
  OfferInfo,
  RemoteServiceInfo,
  ServiceInfo,
  ShareInfo,
  Status,
  TransferInfo,
} from '../../../main/api/contract.ts';

export const NOW = Date.now();
const HOUR = 3_600_000;

/** A well-formed peer key that is told apart by its first characters. */
export function keyOf(name: string): string {
  const letters = name.toUpperCase().replace(/[^A-Z]/g, '');
  return `A${(letters + 'QK7WPX2MZ5RTHJ3LVBN6YDGCFSU4EIOA'.repeat(2)).slice(0, 55)}`;
}

export function status(change: Partial<Status> = {}): Status {
  return {
    version: '0.1.0',
    pid: 4711,
    home: '/home/mara/.local/share/skerry',
    key: keyOf('MARASTUDY'),
    name: 'Mara’s study',
    state: 'running',
    startedAt: NOW - 30 * HOUR,
    udp: ['192.168.1.20:41641', '[2001:db8::20]:41641'],
    nats: [],
    router: {
      addresses: [],
      bridges: [],
      clients: 0,
      inMessages: 0,
      outMessages: 0,
      inBytes: 0,
      outBytes: 0,
    },
    socket: '/home/mara/.local/share/skerry/skerry.sock',
    ui: 'http://127.0.0.1:7575/',
    keyProtection: 'passphrase',
    downloads: '/home/mara/Downloads/Skerry',
    rssBytes: 92_000_000,
    links: 1,
    ...change,
  };
}

export function link(change: Partial<LinkInfo> = {}): LinkInfo {
  return {
    peer: keyOf('ANOUK'),
    name: 'Anouk',
    path: 'udp',
    remote: '192.168.1.31:50210',
    paths: [
      {
        kind: 'udp',
        remote: '192.168.1.31:50210',
        rttMs: 1.8,
        loss: 0,
        isNarrow: false,
        state: 'current',
      },
      {
        kind: 'nats',
        remote: 'nats://demo.example:4222',
        rttMs: 24,
        loss: 0,
        isNarrow: false,
        state: 'standby',
      },
    ],
    rttMs: 1.8,
    since: NOW - HOUR,
    sentBytes: 18_400_000,
    receivedBytes: 2_140_000_000,
    streams: 3,
    ...change,
  };
}

export function contact(change: Partial<ContactInfo> = {}): ContactInfo {
  return {
    key: keyOf('ANOUK'),
    name: 'Anouk',
    state: 'accepted',
    online: false,
    addedAt: NOW - 900 * HOUR,
    lastSeenAt: NOW - 5 * HOUR,
    relay: false,
    link: null,
    ...change,
  };
}

export function share(change: Partial<ShareInfo> = {}): ShareInfo {
  return {
    id: 's1',
    name: 'Harbour photographs',
    kind: 'folder',
    path: '/home/mara/Pictures/Harbour',
    audience: 'everyone',
    state: 'ready',
    error: null,
    files: 1284,
    bytes: 6_420_000_000,
    hashedBytes: 6_420_000_000,
    skipped: { count: 0, examples: [] },
    createdAt: NOW - 50 * HOUR,
    ...change,
  };
}

export function offer(change: Partial<OfferInfo> = {}): OfferInfo {
  return {
    peer: keyOf('ANOUK'),
    peerName: 'Anouk',
    id: 'o1',
    name: 'Tide tables',
    kind: 'folder',
    state: 'ready',
    files: 5312,
    bytes: 812_000_000,
    hashedBytes: 812_000_000,
    online: true,
    ...change,
  };
}

export function entry(change: Partial<EntryInfo> & { path: string }): EntryInfo {
  return {
    name: change.path.split('/').at(-1) ?? '',
    kind: 'file',
    bytes: 48_200,
    files: 1,
    modifiedAt: NOW - 400 * HOUR,
    ...change,
  };
}

export function transfer(change: Partial<TransferInfo> = {}): TransferInfo {
  return {
    id: 't1',
    peer: keyOf('ANOUK'),
    peerName: 'Anouk',
    share: 'o1',
    shareName: 'Tide tables',
    path: '',
    target: '/home/mara/Downloads/Skerry/Tide tables',
    state: 'transferring',
    error: null,
    files: { done: 2210, total: 5312 },
    bytes: { done: 338_000_000, total: 812_000_000 },
    stage: null,
    chunks: { received: 1290, refetched: 0 },
    rateBytesPerSecond: 74_600_000,
    etaSeconds: 6.4,
    startedAt: NOW - 60_000,
    finishedAt: null,
    ...change,
  };
}

export function service(change: Partial<ServiceInfo> = {}): ServiceInfo {
  return {
    name: 'web',
    target: '127.0.0.1:8080',
    audience: 'everyone',
    connections: 0,
    createdAt: NOW - 20 * HOUR,
    ...change,
  };
}

export function remoteService(change: Partial<RemoteServiceInfo> = {}): RemoteServiceInfo {
  return { peer: keyOf('ANOUK'), peerName: 'Anouk', name: 'wiki', online: true, ...change };
}

export function forward(change: Partial<ForwardInfo> = {}): ForwardInfo {
  return {
    id: 'f1',
    peer: keyOf('ANOUK'),
    peerName: 'Anouk',
    service: 'wiki',
    listen: '127.0.0.1:9000',
    remote: false,
    state: 'listening',
    error: null,
    connections: 0,
    createdAt: NOW - HOUR,
    ...change,
  };
}
