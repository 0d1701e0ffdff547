/**
 * The one contract between the peer and everything that shows or drives it: each call and each event once,
 * with its schema. Electron's MessagePort, the loopback WebSocket and the CLI's local socket carry it.
 * The CLI's `--json` prints these shapes (docs/cli.md).
 *
 * Times are milliseconds since 1970, sizes are bytes, durations say their unit in the name.
 */
import { z } from 'zod';

const Time = z.number().int().nonnegative();
const Bytes = z.number().int().nonnegative();
const Count = z.number().int().nonnegative();

/** A peer's public key: account NKey. */
export const PeerKey = z
  .string()
  .regex(/^A[A-Z2-7]{55}$/, 'a peer key is A and 55 base32 characters');
const Id = z.string().min(1).max(64);
const Path = z.string().max(16_384);

export const ErrorInfo = z.object({ code: z.string(), message: z.string(), hint: z.string() });
export type ErrorInfo = z.infer<typeof ErrorInfo>;

export const Deployment = z.object({
  server: z.string(),
  prefix: z.string(),
  state: z.enum(['connecting', 'connected', 'disconnected', 'refused']),
  error: ErrorInfo.nullable(),
});
export type Deployment = z.infer<typeof Deployment>;

/** The peer's own NATS server. */
export const RouterInfo = z.object({
  /** URLs and socket paths for clients of this machine; empty by default. */
  addresses: z.array(z.string()),
  /** Addresses behind which the router of a contact is. */
  bridges: z.array(z.object({ address: z.string(), peer: PeerKey })),
  clients: Count,
  inMessages: Count,
  outMessages: Count,
  inBytes: Bytes,
  outBytes: Bytes,
});
export type RouterInfo = z.infer<typeof RouterInfo>;

export const Status = z.object({
  version: z.string(),
  pid: z.number().int(),
  home: z.string(),
  key: PeerKey,
  name: z.string(),
  state: z.enum(['running', 'paused', 'stopping']),
  startedAt: Time,
  /** `host:port` of every UDP socket; empty with UDP off. */
  udp: z.array(z.string()),
  nats: z.array(Deployment),
  router: RouterInfo,
  /** The CLI's socket or pipe. */
  socket: z.string(),
  /** The address of the UI in a browser, without a token; null in the desktop app. */
  ui: z.string().nullable(),
  /** Where the master key of the key storage comes from. */
  keyProtection: z.enum(['os', 'passphrase', 'key-file']),
  downloads: z.string(),
  rssBytes: Bytes,
  links: Count,
});
export type Status = z.infer<typeof Status>;

export const Settings = z.object({ name: z.string().min(1).max(64), downloads: Path });
export type Settings = z.infer<typeof Settings>;

const PathKind = z.enum(['udp', 'nats', 'relay']);

export const PathInfo = z.object({
  kind: PathKind,
  remote: z.string(),
  rttMs: z.number().nonnegative(),
  /** Part of the probes that were not answered. */
  loss: z.number().min(0).max(1),
  /** Packets of the usual length disappear on it: shorter ones are sent. */
  isNarrow: z.boolean(),
  /** `silent`: it does not answer, or not yet. */
  state: z.enum(['current', 'standby', 'silent']),
});
export type PathInfo = z.infer<typeof PathInfo>;

export const LinkInfo = z.object({
  peer: PeerKey,
  name: z.string(),
  /** The path that this side sends on now. */
  path: PathKind,
  remote: z.string(),
  /** Every path that is known of, the one in use among them. */
  paths: z.array(PathInfo).readonly(),
  rttMs: z.number().nonnegative(),
  since: Time,
  sentBytes: Bytes,
  receivedBytes: Bytes,
  streams: Count,
});
export type LinkInfo = z.infer<typeof LinkInfo>;

export const ContactInfo = z.object({
  key: PeerKey,
  name: z.string(),
  state: z.enum(['requested', 'invited', 'accepted', 'blocked']),
  online: z.boolean(),
  addedAt: Time,
  lastSeenAt: Time.nullable(),
  /** This peer carries between that contact and others, and lets itself be reached through it. */
  relay: z.boolean(),
  link: LinkInfo.nullable(),
});
export type ContactInfo = z.infer<typeof ContactInfo>;

/** What two people compare before one accepts the other (docs/discovery.md): the same on both sides. */
export const Fingerprint = z.object({
  words: z.array(z.string()),
  /** Names of things: pictures of Lucide. */
  icons: z.array(z.string()),
});
export type Fingerprint = z.infer<typeof Fingerprint>;

export const NearbyInfo = z.object({
  key: PeerKey,
  /** Null while a stranger keeps its name to itself. */
  name: z.string().nullable(),
  /** Null for a stranger. */
  state: z.enum(['requested', 'invited', 'accepted', 'blocked']).nullable(),
  /** Null when it is not on the network now. */
  seenAt: Time.nullable(),
  /** `host:port`. */
  addresses: z.array(z.string()),
  fingerprint: Fingerprint.nullable(),
});
export type NearbyInfo = z.infer<typeof NearbyInfo>;

export const NearbySettings = z.object({
  /** Who finds this peer on its local network. */
  lan: z.enum(['everyone', 'contacts', 'off']),
  /** Whether strangers there read its name. */
  name: z.boolean(),
});
export type NearbySettings = z.infer<typeof NearbySettings>;

const Finding = z.object({
  /** What was looked at: `UDP port`, `udp 192.0.2.1:4711`. */
  subject: z.string(),
  state: z.enum(['ok', 'note', 'wrong']),
  says: z.string(),
  /** What a person can do about it. */
  advice: z.string().nullable(),
});

/** What keeps this peer, or the contact that was asked for, from being reached. */
export const Diagnosis = z.object({
  self: z.array(Finding).readonly(),
  contact: z.array(Finding).readonly(),
});
export type Diagnosis = z.infer<typeof Diagnosis>;

export const InviteInfo = z.object({ link: z.string(), expiresAt: Time });
export type InviteInfo = z.infer<typeof InviteInfo>;

export const InvitePreview = z.object({
  key: PeerKey,
  name: z.string(),
  expiresAt: Time,
  expired: z.boolean(),
  /** For people: `udp 192.0.2.1:4711`, `nats nats://host:4222 skerry`. */
  ways: z.array(z.string()),
  /** The trust state of this key here already, or null. */
  state: z.enum(['requested', 'invited', 'accepted', 'blocked']).nullable(),
});
export type InvitePreview = z.infer<typeof InvitePreview>;

const ContentState = z.enum(['hashing', 'ready', 'failed']);

export const ShareInfo = z.object({
  id: Id,
  name: z.string(),
  kind: z.enum(['file', 'folder']),
  path: Path,
  /** `everyone` accepted, or these contacts. */
  audience: z.union([z.literal('everyone'), z.array(PeerKey)]),
  state: ContentState,
  error: ErrorInfo.nullable(),
  files: Count,
  bytes: Bytes,
  hashedBytes: Bytes,
  /** Entries left out (sockets, devices, unreadable, links out of the share), with the first few reasons. */
  skipped: z.object({ count: Count, examples: z.array(z.string()) }),
  createdAt: Time,
});
export type ShareInfo = z.infer<typeof ShareInfo>;

export const OfferInfo = z.object({
  peer: PeerKey,
  peerName: z.string(),
  id: Id,
  name: z.string(),
  kind: z.enum(['file', 'folder']),
  state: ContentState,
  files: Count,
  bytes: Bytes,
  hashedBytes: Bytes,
  online: z.boolean(),
});
export type OfferInfo = z.infer<typeof OfferInfo>;

export const EntryInfo = z.object({
  name: z.string(),
  /** `/`-separated, from the share's root. */
  path: Path,
  kind: z.enum(['file', 'folder']),
  /** A folder's is the sum below it. */
  bytes: Bytes,
  /** Files below a folder; 1 for a file. */
  files: Count,
  modifiedAt: Time,
});
export type EntryInfo = z.infer<typeof EntryInfo>;

export const BrowsePage = z.object({ entries: z.array(EntryInfo), next: z.string().nullable() });
export type BrowsePage = z.infer<typeof BrowsePage>;

export const TransferInfo = z.object({
  id: Id,
  peer: PeerKey,
  peerName: z.string(),
  share: Id,
  shareName: z.string(),
  /** What of the share: empty for all of it. */
  path: Path,
  /** Where it lands, absolute. */
  target: Path,
  /**
   * `waiting` for the source to be online, `hashing` while the source still hashes the share, `verifying` while
   * what an earlier run left is checked, then `transferring`.
   */
  state: z.enum(['waiting', 'hashing', 'verifying', 'transferring', 'done', 'failed', 'cancelled']),
  error: ErrorInfo.nullable(),
  files: z.object({ done: Count, total: Count }),
  bytes: z.object({ done: Bytes, total: Bytes }),
  /** Progress of the state `hashing` or `verifying`, bytes; null in the others. */
  stage: z.object({ done: Bytes, total: Bytes }).nullable(),
  /** Chunks received and verified by this transfer since it was created, over all restarts. */
  chunks: z.object({ received: Count, refetched: Count }),
  rateBytesPerSecond: z.number().nonnegative(),
  etaSeconds: z.number().nonnegative().nullable(),
  startedAt: Time,
  finishedAt: Time.nullable(),
});
export type TransferInfo = z.infer<typeof TransferInfo>;

/** The grammar stands in docs/forward.md; the peer says what is wrong with a name. */
const ServiceName = z.string().min(1).max(256);
/** `host:port`, a port, or `unix:/path`. */
const Address = z.string().min(1).max(1024);

export const ServiceInfo = z.object({
  name: z.string(),
  target: z.string(),
  /** `everyone` accepted, or these contacts. */
  audience: z.union([z.literal('everyone'), z.array(PeerKey)]),
  /** Live now. */
  connections: Count,
  createdAt: Time,
});
export type ServiceInfo = z.infer<typeof ServiceInfo>;

export const RemoteServiceInfo = z.object({
  peer: PeerKey,
  peerName: z.string(),
  name: z.string(),
  online: z.boolean(),
});
export type RemoteServiceInfo = z.infer<typeof RemoteServiceInfo>;

export const ForwardInfo = z.object({
  id: Id,
  peer: PeerKey,
  peerName: z.string(),
  service: z.string(),
  /** `address:port` with the port that was bound, or `unix:/path`. */
  listen: z.string(),
  /** Other computers can connect, too. */
  remote: z.boolean(),
  state: z.enum(['listening', 'failed']),
  /** Why it does not listen, or why the last connection came to nothing. */
  error: ErrorInfo.nullable(),
  /** Live now. */
  connections: Count,
  createdAt: Time,
});
export type ForwardInfo = z.infer<typeof ForwardInfo>;

export const PipeTraffic = z.object({ sentBytes: Bytes, receivedBytes: Bytes });

export const HostFolder = z.object({
  path: Path,
  parent: Path.nullable(),
  entries: z.array(
    z.object({ name: z.string(), path: Path, kind: z.enum(['file', 'folder']), bytes: Bytes }),
  ),
  truncated: z.boolean(),
});
export type HostFolder = z.infer<typeof HostFolder>;

export const Notice = z.object({
  kind: z.enum([
    'contact-request',
    'contact-accepted',
    'download-done',
    'download-failed',
    'warning',
  ]),
  title: z.string(),
  body: z.string(),
  peer: PeerKey.nullable(),
  transfer: Id.nullable(),
});
export type Notice = z.infer<typeof Notice>;

const Nothing = z.object({});

/** Every call: parameters in, result out. */
export const calls = {
  'status.get': { params: Nothing, result: Status },
  'settings.get': { params: Nothing, result: Settings },
  'settings.set': { params: Settings.partial(), result: Settings },
  'peer.pause': { params: Nothing, result: Status },
  'peer.resume': { params: Nothing, result: Status },
  'peer.stop': { params: Nothing, result: Nothing },
  'contacts.list': { params: Nothing, result: z.array(ContactInfo) },
  'contacts.accept': { params: z.object({ key: PeerKey }), result: ContactInfo },
  'contacts.block': { params: z.object({ key: PeerKey }), result: ContactInfo },
  'contacts.relay': {
    params: z.object({ key: PeerKey, on: z.boolean() }),
    result: ContactInfo,
  },
  'contacts.remove': { params: z.object({ key: PeerKey }), result: Nothing },
  'invites.create': { params: Nothing, result: InviteInfo },
  'invites.preview': { params: z.object({ link: z.string().max(8192) }), result: InvitePreview },
  /** `target` is an invite link or a peer key; `at` an optional `host:port` to find a bare key at. */
  'contacts.add': {
    params: z.object({ target: z.string().max(8192), at: z.string().max(300).optional() }),
    result: ContactInfo,
  },
  'nearby.list': { params: Nothing, result: z.array(NearbyInfo) },
  /** Sends a request to a peer on the local network; the fingerprint is in `nearby.list` afterwards. */
  'nearby.ask': { params: z.object({ key: PeerKey }), result: ContactInfo },
  'nearby.settings': { params: Nothing, result: NearbySettings },
  'nearby.set': { params: NearbySettings.partial(), result: NearbySettings },
  'links.list': { params: Nothing, result: z.array(LinkInfo) },
  /** Tries all ways to the contact if it has no link; takes up to 8 s then. */
  'links.diagnose': { params: z.object({ key: PeerKey.optional() }), result: Diagnosis },
  'shares.list': { params: Nothing, result: z.array(ShareInfo) },
  'shares.add': {
    params: z.object({
      path: Path.min(1),
      name: z.string().min(1).max(255).optional(),
      audience: z
        .union([z.literal('everyone'), z.array(PeerKey).min(1).max(1000)])
        .default('everyone'),
    }),
    result: ShareInfo,
  },
  'shares.remove': { params: z.object({ id: Id }), result: Nothing },
  'offers.list': { params: Nothing, result: z.array(OfferInfo) },
  'offers.browse': {
    params: z.object({
      peer: PeerKey,
      share: Id,
      path: Path.default(''),
      after: z.string().max(16_384).optional(),
      limit: z.number().int().min(1).max(1000).default(200),
    }),
    result: BrowsePage,
  },
  'transfers.list': { params: Nothing, result: z.array(TransferInfo) },
  /** `into` is an absolute folder; default: the downloads folder. */
  'transfers.start': {
    params: z.object({ peer: PeerKey, share: Id, path: Path.default(''), into: Path.optional() }),
    result: TransferInfo,
  },
  'transfers.cancel': { params: z.object({ id: Id }), result: TransferInfo },
  'transfers.retry': { params: z.object({ id: Id }), result: TransferInfo },
  /** Forgets a finished, failed or cancelled transfer; files that arrived stay, part files go. */
  'transfers.remove': { params: z.object({ id: Id }), result: Nothing },
  /** What contacts may reach on this machine. */
  'services.list': { params: Nothing, result: z.array(ServiceInfo) },
  'services.add': {
    params: z.object({
      name: ServiceName,
      target: Address,
      audience: z.union([z.literal('everyone'), z.array(PeerKey).min(1).max(1000)]),
    }),
    result: ServiceInfo,
  },
  'services.remove': { params: z.object({ name: ServiceName }), result: Nothing },
  /** What contacts expose to this peer. */
  'services.remote': { params: Nothing, result: z.array(RemoteServiceInfo) },
  'forwards.list': { params: Nothing, result: z.array(ForwardInfo) },
  /** `allowRemote`: an address that other computers can connect to is meant. */
  'forwards.add': {
    params: z.object({
      peer: PeerKey,
      service: ServiceName,
      listen: Address.default('127.0.0.1:0'),
      allowRemote: z.boolean().default(false),
    }),
    result: ForwardInfo,
  },
  'forwards.remove': { params: z.object({ id: Id }), result: Nothing },
  /** Connects to a service; the connection is at a local socket that takes one program, within 10 s. */
  'pipes.open': {
    params: z.object({ peer: PeerKey, service: ServiceName }),
    result: z.object({ id: Id, path: Path }),
  },
  /** Answers when the pipe is over, and fails when it was cut. Giving the call up cuts it. */
  'pipes.end': { params: z.object({ id: Id }), result: PipeTraffic },
  /** Lists a folder of the peer's own machine, for choosing what to share from a browser. Default: home. */
  'host.folder': { params: z.object({ path: Path.optional() }), result: HostFolder },
  /** A new one-time address of the UI; refused in the desktop app. */
  'ui.open': { params: Nothing, result: z.object({ url: z.string() }) },
} as const;

/** Every event: its data; `null` data means the subject is gone. The subject is the key or id in the data. */
export const events = {
  status: Status,
  contact: ContactInfo,
  link: LinkInfo,
  nearby: NearbyInfo,
  share: ShareInfo,
  offer: OfferInfo,
  transfer: TransferInfo,
  service: ServiceInfo,
  'remote-service': RemoteServiceInfo,
  forward: ForwardInfo,
  notice: Notice,
} as const;

type Calls = typeof calls;
export type CallName = keyof Calls;
/** What a caller passes (defaults may be left out). */
export type Params<Name extends CallName> = z.input<Calls[Name]['params']>;
/** What a handler gets (defaults filled in). */
type ParsedParams<Name extends CallName> = z.output<Calls[Name]['params']>;
export type Result<Name extends CallName> = z.output<Calls[Name]['result']>;

type EventName = keyof typeof events;
export type EventData<Name extends EventName> = z.output<(typeof events)[Name]>;
/**
 * `subject`: peer key, share id, `<peer>/<share>` for offers, transfer id, name of a service, `<peer>/<name>` for
 * remote ones, forward id; empty for `status` and `notice`.
 */
export type AnyEvent = {
  [Name in EventName]: { event: Name; subject: string; data: EventData<Name> | null };
}[EventName];

/** One handler for every call: leaving one out does not compile. */
export type Handlers = {
  [Name in CallName]: (params: ParsedParams<Name>, signal: AbortSignal) => Promise<Result<Name>>;
};

/** What a transport needs from the peer: calls, and events from now on. */
export interface ApiPeer {
  readonly handlers: Handlers;
  /** Events in order, not yet coalesced. */
  onEvent(listener: (event: AnyEvent) => void): () => void;
}

/** What the CLI and the renderer hold: typed calls and events over some transport. */
export interface ApiClient {
  call<Name extends CallName>(
    name: Name,
    params: Params<Name>,
    options?: { signal?: AbortSignal },
  ): Promise<Result<Name>>;
  /** Subscribes; the transport starts sending events with the first subscription. */
  onEvent(listener: (event: AnyEvent) => void): () => void;
  /** Settles when the connection is gone; rejects with what ended it, if that was no `close`. */
  readonly closed: Promise<void>;
  close(): void;
}

/**
 * Messages on every transport: one JSON text a message (a line on the local socket). A client chooses the id of
 * each call: not negative, and not in use by another call of the connection that has no answer yet.
 */
export const ClientMessage = z.union([
  z.object({ id: z.number().int(), call: z.string(), params: z.unknown() }),
  z.object({ id: z.number().int(), abort: z.literal(true) }),
  z.object({ subscribe: z.literal(true) }),
]);
export type ClientMessage = z.infer<typeof ClientMessage>;

/** Answers and events. An error with the id -1 belongs to no call: the connection ends after it (docs/api.md). */
export type ServerMessage =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: ErrorInfo }
  | AnyEvent;
