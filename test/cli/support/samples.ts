/** Things of the contract, whole and valid, to be changed where a test needs it. */
import type {
  ContactInfo,
  EntryInfo,
  LinkInfo,
  OfferInfo,
  ShareInfo,
  Status,
  TransferInfo,
} from '../../../main/api/contract.ts';

/** A key that starts with `A` and the given letters. */
export function keyOf(letters: string): string {
  return `A${letters}`.padEnd(56, 'Q');
}

const THEN = Date.UTC(2026, 10, 21, 2, 44);
export const ada = keyOf('DA');

export const sampleStatus: Status = {
  version: '0.1.0',
  pid: 2 ** 22 + 1,
  home: '/home/me/.local/share/skerry',
  key: keyOf('ME'),
  name: 'laptop',
  state: 'running',
  startedAt: THEN,
  udp: ['0.0.0.0:41641', '[::]:41641'],
  nats: [
    { server: 'nats://n.example:4222', prefix: 'skerry', state: 'connected', error: null },
    {
      server: 'nats://m.example:4222',
      prefix: 'isle',
      state: 'refused',
      error: { code: 'x', message: 'Authorization Violation', hint: '' },
    },
  ],
  router: {
    addresses: [],
    bridges: [],
    clients: 0,
    inMessages: 0,
    outMessages: 0,
    inBytes: 0,
    outBytes: 0,
  },
  socket: '/home/me/.local/share/skerry/run/api.sock',
  ui: 'http://127.0.0.1:4180/',
  keyProtection: 'key-file',
  downloads: '/home/me/Downloads/Skerry',
  rssBytes: 90 * 1024 * 1024,
  links: 1,
};

export const sampleLink: LinkInfo = {
  peer: ada,
  name: 'ada',
  path: 'udp',
  remote: '192.0.2.7:41641',
  paths: [
    {
      kind: 'udp',
      remote: '192.0.2.7:41641',
      rttMs: 3.25,
      loss: 0.004,
      isNarrow: false,
      state: 'current',
    },
    {
      kind: 'nats',
      remote: 'nats://nats.example:4222',
      rttMs: 31.4,
      loss: 0,
      isNarrow: false,
      state: 'standby',
    },
    {
      kind: 'udp',
      remote: '10.0.0.9:41641',
      rttMs: 500,
      loss: 0,
      isNarrow: false,
      state: 'silent',
    },
  ],
  rttMs: 3.25,
  since: THEN,
  sentBytes: 1536,
  receivedBytes: 5_000_000_000,
  streams: 2,
};

export function contact(change: Partial<ContactInfo> = {}): ContactInfo {
  return {
    key: ada,
    name: 'ada',
    state: 'accepted',
    online: true,
    addedAt: THEN,
    lastSeenAt: THEN,
    relay: false,
    link: null,
    ...change,
  };
}

export function share(change: Partial<ShareInfo> = {}): ShareInfo {
  return {
    id: 'k3w9f2abcdefgh',
    name: 'docs',
    kind: 'folder',
    path: '/srv/docs',
    audience: 'everyone',
    state: 'ready',
    error: null,
    files: 5012,
    bytes: 1_288_490_188,
    hashedBytes: 1_288_490_188,
    skipped: { count: 0, examples: [] },
    createdAt: THEN,
    ...change,
  };
}

export function offer(change: Partial<OfferInfo> = {}): OfferInfo {
  return {
    peer: ada,
    peerName: 'ada',
    id: 'k3w9f2abcdefgh',
    name: 'docs',
    kind: 'folder',
    state: 'ready',
    files: 5012,
    bytes: 1_288_490_188,
    hashedBytes: 1_288_490_188,
    online: true,
    ...change,
  };
}

export function entry(change: Partial<EntryInfo> = {}): EntryInfo {
  return {
    name: 'may.jpg',
    path: '2026/may.jpg',
    kind: 'file',
    bytes: 2_411_724,
    files: 1,
    modifiedAt: THEN,
    ...change,
  };
}

export function transfer(change: Partial<TransferInfo> = {}): TransferInfo {
  return {
    id: 't7q2zzzzzzzzzz',
    peer: ada,
    peerName: 'ada',
    share: 'k3w9f2abcdefgh',
    shareName: 'docs',
    path: '',
    target: '/tmp/docs',
    state: 'transferring',
    error: null,
    files: { done: 12, total: 5012 },
    bytes: { done: 541_165_879, total: 1_288_490_188 },
    stage: null,
    chunks: { received: 2064, refetched: 0 },
    rateBytesPerSecond: 222_298_112,
    etaSeconds: 3.4,
    startedAt: THEN,
    finishedAt: null,
    ...change,
  };
}

/** The same transfer, done in six seconds. */
export function doneTransfer(change: Partial<TransferInfo> = {}): TransferInfo {
  const { files, bytes, startedAt } = transfer();
  return transfer({
    state: 'done',
    files: { done: files.total, total: files.total },
    bytes: { done: bytes.total, total: bytes.total },
    etaSeconds: null,
    finishedAt: startedAt + 6000,
    ...change,
  });
}
