/** Forwarding as the rest of the program sees it: services of this peer, those of contacts, local ports, pipes. */
import type { PeerKey } from '../identity/types.ts';

/** All accepted contacts, also later ones, or these. */
export type ServiceAudience = 'everyone' | readonly PeerKey[];

export interface ForwardFailure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** A local program that contacts may reach under a name. */
export interface Service {
  readonly name: string;
  /** `host:port` or `unix:/path`. */
  readonly target: string;
  readonly audience: ServiceAudience;
  /** Live now. */
  readonly connections: number;
  readonly createdAt: number;
}

export interface RemoteService {
  readonly peer: PeerKey;
  readonly name: string;
}

/** A local address behind which a contact's service is. */
export interface Forward {
  readonly id: string;
  readonly peer: PeerKey;
  readonly service: string;
  /** `address:port` with the port that was bound, or `unix:/path`. */
  readonly listen: string;
  /** Other computers can connect, too. */
  readonly remote: boolean;
  readonly state: 'listening' | 'failed';
  /** Why it does not listen, or why the last connection came to nothing; null after one that did. */
  readonly error: ForwardFailure | null;
  /** Live now. */
  readonly connections: number;
  readonly createdAt: number;
}

/** Bytes to and from the service, without what the link adds. */
export interface Traffic {
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

export type ForwardEvents = {
  /** A service of ours changed; undefined: it is gone. */
  service: [name: string, service: Service | undefined];
  /** What a contact exposes to us. */
  remoteService: [peer: PeerKey, name: string, service: RemoteService | undefined];
  forward: [id: string, forward: Forward | undefined];
};

/** The whole feature. */
export interface Forwarding extends AsyncDisposable {
  /**
   * Lets contacts reach a local program from now on.
   *
   * @throws ForwardError `service-name`, `service-target`, `service-private`, `service-exists`, `service-limit`,
   *   `service-contact`
   */
  expose(service: { name: string; target: string; audience: ServiceAudience }): Service;
  /** At once: live connections are cut. @throws ForwardError `service-missing` */
  unexpose(name: string): void;
  services(): Service[];
  /** What linked (and recently linked) contacts expose to this peer. */
  remoteServices(): RemoteService[];
  /**
   * Listens at a local address, now and at every start.
   *
   * @param forward.allowRemote other computers may connect
   * @throws ForwardError `service-name`, `service-contact`, `service-limit`, `forward-…`
   */
  forward(forward: {
    peer: PeerKey;
    service: string;
    listen: string;
    allowRemote: boolean;
  }): Promise<Forward>;
  /** Listens no more and cuts its connections. @throws ForwardError `forward-missing` */
  unforward(id: string): void;
  forwards(): Forward[];
  /**
   * Connects to a contact's service and opens a local socket for one program to use the connection.
   *
   * @param pipe.folder of this user alone; a private one in the temporary folder when its path is too long
   * @returns the socket's (on Windows the named pipe's) path, good for 10 s and one connection
   * @throws ForwardError `service-…`, `pipe-unusable`; the signal's reason
   */
  openPipe(
    pipe: { peer: PeerKey; service: string; folder: string },
    signal: AbortSignal,
  ): Promise<{ id: string; path: string }>;
  /**
   * Waits for the end of a pipe; may be asked once. Giving up cuts the pipe.
   *
   * @throws ForwardError `pipe-missing`, `service-cut`; the signal's reason
   */
  pipeEnd(id: string, signal: AbortSignal): Promise<Traffic>;
  on<Name extends keyof ForwardEvents & string>(
    name: Name,
    listener: (...args: ForwardEvents[Name]) => void,
  ): () => void;
  /** Closes listeners and cuts connections; the store keeps what is exposed and forwarded. Idempotent. */
  [Symbol.asyncDispose](): Promise<void>;
}
