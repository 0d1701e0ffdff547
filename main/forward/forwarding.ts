import type { Log } from '../base/log.ts';
import type { PeerKey } from '../identity/types.ts';
import type { Links } from '../link/types.ts';
import type { Store } from '../store/open.ts';
import { Announcer } from './announcer.ts';
import { ForwardRepository } from './forward-repository.ts';
import { Forwards } from './forwards.ts';
import { OwnServices, type LiveService } from './own-services.ts';
import { Pipes } from './pipes.ts';
import { RemoteServices } from './remote-services.ts';
import { ServiceServer } from './service-server.ts';
import type { ForwardEvents, Forwarding, Service } from './types.ts';
import { FORWARD_PROTOCOL } from './wire.ts';

/** What forwarding asks about keys. */
export interface ForwardingContacts {
  isAccepted(key: PeerKey): boolean;
  /** Whether there is anything stored about the key: a blocked contact is known, a removed one is not. */
  isKnown(key: PeerKey): boolean;
  onChange(listener: (key: PeerKey) => void): () => void;
}

export interface ForwardingOptions {
  readonly links: Links;
  readonly store: Pick<Store, 'db'>;
  readonly contacts: ForwardingContacts;
  readonly log: Log;
  /** Sockets in these are never exposed: the home with the peer's own. */
  readonly privateFolders: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Starts forwarding: what was exposed and forwarded before is served again. Disposing stops all of it. */
export async function createForwarding(options: ForwardingOptions): Promise<Forwarding> {
  const { links, store, contacts, log, privateFolders, now } = options;
  const isAccepted = (key: PeerKey): boolean => contacts.isAccepted(key);
  const repository = new ForwardRepository(store.db);
  const own = new OwnServices({ repository, isAccepted, privateFolders, now });
  const server = new ServiceServer({
    own,
    log,
    onUse: (name) => {
      if (own.get(name) !== undefined) own.events.emit('used', name);
    },
  });
  const announcer = new Announcer(links, own);
  const remote = new RemoteServices(links, isAccepted);
  const forwards = new Forwards({ links, repository, isAccepted, log, now });
  const pipes = new Pipes(links);
  const view = ({ row }: LiveService): Service => ({
    ...row,
    connections: server.count(row.name),
  });

  await forwards.start();
  const ends = [
    links.handle(FORWARD_PROTOCOL, (stream) => server.serve(stream)),
    own.events.on('service', () => server.review()),
    contacts.onChange((key) => {
      if (isAccepted(key)) return;
      server.forget(key);
      remote.forget(key);
      if (!contacts.isKnown(key)) {
        own.forget(key);
        forwards.forget(key);
      }
      server.review();
    }),
  ];

  let disposed = false;
  return {
    expose: (what) => view(own.add(what)),
    unexpose: (name) => own.remove(name),
    services: () => own.list().map(view),
    remoteServices: () => remote.list(),
    forward: (what) => forwards.add(what),
    unforward: (id) => forwards.remove(id),
    forwards: () => forwards.list(),
    openPipe: (what, signal) => pipes.open(what, signal),
    pipeEnd: (id, signal) => pipes.end(id, signal),
    on: (name, listener) => subscribe(name, listener),
    async [Symbol.asyncDispose]() {
      if (disposed) return;
      disposed = true;
      // Nobody comes in any more, then nobody is left.
      for (const end of ends) end();
      announcer[Symbol.dispose]();
      remote[Symbol.dispose]();
      forwards[Symbol.dispose]();
      pipes[Symbol.dispose]();
      server.cutAll();
    },
  };

  function subscribe<Name extends keyof ForwardEvents & string>(
    name: Name,
    listener: (...args: ForwardEvents[Name]) => void,
  ): () => void {
    const on: {
      [Key in keyof ForwardEvents]: (listen: (...args: ForwardEvents[Key]) => void) => () => void;
    } = {
      service: (listen) => {
        const tell = (id: string): void => {
          const service = own.get(id);
          listen(id, service === undefined ? undefined : view(service));
        };
        const ends = [own.events.on('service', tell), own.events.on('used', tell)];
        return () => ends.forEach((end) => end());
      },
      remoteService: (listen) => remote.events.on('remoteService', listen),
      forward: (listen) => forwards.events.on('forward', listen),
    };
    return on[name](listener);
  }
}
