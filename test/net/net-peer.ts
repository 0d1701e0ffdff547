import { fileURLToPath } from 'node:url';
import type { AnyEvent, ApiClient, LinkInfo, Status } from '../../main/api/contract.ts';
import { connectLocalSocket } from '../../main/api/transports/local-socket-client.ts';
import { localSocketPath } from '../../main/api/transports/local-socket-path.ts';
import type { PeerKey } from '../../main/identity/types.ts';
import type { Home } from './homes.ts';
import type { NetNode } from './node.ts';

const program = fileURLToPath(new URL('../../main/cli/main.ts', import.meta.url));

/** What a link looked like from a moment on; undefined: there was none. */
export interface LinkMoment {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly link: Pick<LinkInfo, 'path' | 'remote'> | undefined;
}

/** A real peer that runs in a namespace: a process of its own, from the sources, asked through its local socket. */
export interface NetPeer {
  readonly home: Home;
  readonly node: NetNode;
  readonly api: ApiClient;
  /** Milliseconds since 1970. */
  readonly readyAt: number;
  /** Every change of the path to a contact so far. */
  history(contact: PeerKey): readonly LinkMoment[];
  log(): string;
  /** SIGKILL: what it was doing stays half done. */
  kill(): Promise<void>;
  /** SIGTERM: it stops in order. */
  stop(): Promise<void>;
}

/** Starts `skerry up` on a machine. @param args further options of `up` */
export async function startNetPeer(
  node: NetNode,
  home: Home,
  args: readonly string[],
  compileCache: string,
): Promise<NetPeer> {
  const up = ['up', '--json', '--no-ui', '--name', home.name, '--log-level', 'debug', ...args];
  const started = node.start(process.execPath, [program, '--home', home.path, ...up], {
    NODE_COMPILE_CACHE: compileCache,
    // Off in all other tests, which run in the machine's own network.
    SKERRY_DISCOVERY: 'on',
  });
  const ready = JSON.parse(await started.seen('stdout', /"ready":true/)) as { status: Status };
  const readyAt = Date.now();
  if (ready.status.key !== home.key) throw new Error('the peer has another key than its home');
  const api = await connectLocalSocket(localSocketPath(home.path));
  // It breaks when the peer is killed: whoever still asks is told by the call itself.
  api.closed.catch(() => undefined);
  const histories = new Map<PeerKey, LinkMoment[]>();
  const note = (contact: PeerKey, at: number, link: LinkInfo | undefined): void => {
    const history = histories.get(contact) ?? [];
    histories.set(contact, history);
    const last = history.at(-1)?.link;
    if (last?.path === link?.path && last?.remote === link?.remote) return;
    history.push({ at, link: link && { path: link.path, remote: link.remote } });
  };
  api.onEvent((event: AnyEvent) => {
    if (event.event === 'link') note(event.subject, Date.now(), event.data ?? undefined);
  });
  // What was linked before anybody listened says itself since when.
  for (const link of await api.call('links.list', {})) note(link.peer, link.since, link);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    api.close();
    await started.kill(signal);
  };
  return {
    home,
    node,
    api,
    readyAt,
    history: (contact) => histories.get(contact) ?? [],
    log: started.log,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}
