/** The addresses that one remote can be reached at: configured ones, and those that its hub has named. */
import { defaults } from '../defaults.ts';

const SCHEMES = new Set(['nats-leaf:', 'nats:', 'leaf:', 'tls:', 'ws:', 'wss:']);
const WEBSOCKET_PORTS: Readonly<Record<string, number>> = { 'ws:': 80, 'wss:': 443 };

export interface RemoteAddress {
  readonly url: URL;
  readonly host: string;
  readonly port: number;
  readonly websocket: boolean;
  /** TLS is spoken, whatever the hub says. */
  readonly secure: boolean;
}

export class RemoteUrls {
  readonly #configured: readonly RemoteAddress[];
  readonly #randomly: boolean;
  #learned: readonly RemoteAddress[] = [];
  #order: RemoteAddress[];

  /** @param urls `nats-leaf://`, `nats://`, `tls://`, `ws://` or `wss://`; others are passed over */
  constructor(urls: readonly string[], randomly: boolean) {
    this.#configured = urls.flatMap((url) => addressOf(url) ?? []);
    this.#randomly = randomly;
    this.#order = this.#inOrder();
  }

  get empty(): boolean {
    return this.#configured.length === 0;
  }

  get websocket(): boolean {
    return this.#configured[0]?.websocket ?? false;
  }

  /** The first name that is no address: what certificates of addresses without one are checked for. */
  get serverName(): string | undefined {
    return this.#configured.find(({ host }) => !isAddress(host))?.host;
  }

  /** A configured URL with a login, for addresses that were learned. */
  get withLogin(): URL | undefined {
    return this.#configured.find(({ url }) => url.username !== '')?.url;
  }

  /** The one to try now; the next call answers the next one. Undefined without any. */
  next(): RemoteAddress | undefined {
    const first = this.#order.shift();
    if (first !== undefined) this.#order.push(first);
    return first;
  }

  /** @param hosts `host:port`, as a hub names its cluster now: in place of what it named before */
  learn(hosts: readonly string[]): void {
    const [first] = this.#configured;
    if (first === undefined) return;
    const scheme = first.websocket ? first.url.protocol : 'nats-leaf:';
    const known = new Set(this.#configured.map(({ host, port }) => `${host} ${String(port)}`));
    const learned = hosts
      .flatMap((host) => addressOf(`${scheme}//${host}`) ?? [])
      .filter(({ host, port }) => !known.has(`${host} ${String(port)}`))
      .map((address) => ({ ...address, secure: first.secure }));
    if (sameAddresses(learned, this.#learned)) return;
    this.#learned = learned;
    this.#order = this.#inOrder();
  }

  #inOrder(): RemoteAddress[] {
    const configured = this.#randomly ? shuffled(this.#configured) : this.#configured;
    return [...configured, ...this.#learned];
  }
}

function addressOf(text: string): RemoteAddress | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (!SCHEMES.has(url.protocol) || url.hostname === '') return undefined;
  const port =
    url.port === '' ? (WEBSOCKET_PORTS[url.protocol] ?? defaults.leafPort) : Number(url.port);
  return {
    url,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port,
    websocket: url.protocol in WEBSOCKET_PORTS,
    secure: url.protocol === 'tls:' || url.protocol === 'wss:',
  };
}

function isAddress(host: string): boolean {
  return host.includes(':') || /^[\d.]+$/.test(host);
}

function sameAddresses(some: readonly RemoteAddress[], others: readonly RemoteAddress[]): boolean {
  return some.map(({ url }) => url.href).join() === others.map(({ url }) => url.href).join();
}

/** Fisher and Yates. */
function shuffled<Item>(items: readonly Item[]): Item[] {
  const mixed = [...items];
  for (let i = mixed.length - 1; i > 0; i--) {
    const other = Math.floor(Math.random() * (i + 1));
    [mixed[i], mixed[other]] = [mixed[other] as Item, mixed[i] as Item];
  }
  return mixed;
}
