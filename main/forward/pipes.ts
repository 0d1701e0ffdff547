import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { PeerKey } from '../identity/types.ts';
import type { Links } from '../link/types.ts';
import { MAX_SOCKET_PATH_BYTES } from './address.ts';
import { ForwardError } from './errors.ts';
import { LocalListener } from './local-listener.ts';
import { openService } from './open-service.ts';
import { errorOfLink } from './refusal.ts';
import { resetSocket, Splice } from './splice.ts';
import type { Traffic } from './types.ts';

/** For the program to come to its socket, and then for somebody to ask how the pipe ended. */
const COME_MS = 10_000;
const MAX_PIPES = 64;

interface Pipe {
  readonly cut: AbortController;
  readonly end: Promise<Traffic>;
}

/** Connections to services for one local program each, which comes to a socket of its own for it. */
export class Pipes implements Disposable {
  readonly #links: Pick<Links, 'openStream'>;
  readonly #pipes = new Map<string, Pipe>();
  readonly #closed = new AbortController();

  constructor(links: Pick<Links, 'openStream'>) {
    this.#links = links;
  }

  /** See `Forwarding.openPipe`. */
  async open(
    { peer, service, folder }: { peer: PeerKey; service: string; folder: string },
    signal: AbortSignal,
  ): Promise<{ id: string; path: string }> {
    if (this.#pipes.size >= MAX_PIPES) {
      throw new ForwardError('service-busy', `There are ${MAX_PIPES} pipes already.`);
    }
    const either = AbortSignal.any([signal, this.#closed.signal]);
    const stream = await openService(this.#links, peer, service, either);
    const id = randomBytes(16).toString('hex');
    const { promise: came, resolve, reject } = Promise.withResolvers<Socket>();
    let door: Door;
    try {
      door = await Door.open(folder, id, resolve);
    } catch (error) {
      stream.abort();
      throw error;
    }
    const cut = new AbortController();
    cut.signal.addEventListener('abort', () => reject(cut.signal.reason), { once: true });
    const timer = setTimeout(
      () => reject(new ForwardError('pipe-missing', 'Nobody came to the pipe.')),
      COME_MS,
    );
    const run = async (): Promise<Traffic> => {
      let splice: Splice | undefined;
      try {
        const socket = await came;
        door.close();
        splice = new Splice(stream, socket);
        const onCut = (): void => splice?.cut();
        cut.signal.addEventListener('abort', onCut, { once: true });
        if (cut.signal.aborted) splice.cut();
        await splice.run();
        return splice.traffic;
      } catch (error) {
        stream.abort();
        throw splice === undefined ? error : asCut(error);
      } finally {
        clearTimeout(timer);
        door.close();
      }
    };
    this.#keep(id, { cut, end: run() });
    return { id, path: door.path };
  }

  /** See `Forwarding.pipeEnd`. */
  async end(id: string, signal: AbortSignal): Promise<Traffic> {
    const pipe = this.#pipes.get(id);
    if (pipe === undefined) throw new ForwardError('pipe-missing', 'There is no such pipe.');
    const onAbort = (): void => pipe.cut.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await pipe.end;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#pipes.delete(id);
    }
  }

  [Symbol.dispose](): void {
    this.#closed.abort(new Error('the peer is stopping'));
    for (const { cut } of this.#pipes.values()) cut.abort(new Error('the peer is stopping'));
  }

  /** Forgets a pipe whose end nobody asks for. */
  #keep(id: string, pipe: Pipe): void {
    this.#pipes.set(id, pipe);
    const forget = (): void => {
      setTimeout(() => this.#pipes.delete(id), COME_MS).unref();
    };
    pipe.end.then(forget, forget);
  }
}

/** Whatever ended it before its time, whoever waits hears that it was cut. */
function asCut(error: unknown): unknown {
  const told = errorOfLink(error);
  if (told instanceof ForwardError) return told;
  return new ForwardError('service-cut', 'The connection was cut.', { cause: error });
}

/** A socket for one connection, with a name that cannot be guessed, in a folder that is the user's alone. */
class Door {
  readonly path: string;
  readonly #listener: LocalListener;
  readonly #ownFolder: string | undefined;

  private constructor(path: string, listener: LocalListener, ownFolder: string | undefined) {
    this.path = path;
    this.#listener = listener;
    this.#ownFolder = ownFolder;
  }

  /** @throws ForwardError `pipe-unusable` */
  static async open(folder: string, id: string, onGuest: (socket: Socket) => void): Promise<Door> {
    let guest: Socket | undefined;
    const accept = (socket: Socket): void => {
      if (guest === undefined) onGuest((guest = socket));
      else resetSocket(socket);
    };
    let ownFolder: string | undefined;
    try {
      const { path, isOwn } = placeOf(folder, id);
      if (isOwn) ownFolder = dirname(path);
      return new Door(path, await LocalListener.open({ kind: 'unix', path }, accept), ownFolder);
    } catch (cause) {
      if (ownFolder !== undefined) rmdirSync(ownFolder);
      throw new ForwardError('pipe-unusable', 'The pipe cannot be opened.', { cause });
    }
  }

  /** Lets nobody in any more and leaves nothing behind. Idempotent. */
  close(): void {
    this.#listener.close();
    if (this.#ownFolder === undefined) return;
    try {
      rmdirSync(this.#ownFolder);
    } catch {
      // Gone already.
    }
  }
}

function placeOf(folder: string, id: string): { path: string; isOwn: boolean } {
  if (process.platform === 'win32') {
    return { path: `\\\\.\\pipe\\skerry-pipe-${id}`, isOwn: false };
  }
  const path = join(folder, `pipe-${id}`);
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES) return { path, isOwn: false };
  // Made with mode 0700.
  return { path: join(mkdtempSync(join(tmpdir(), 'skerry-')), 'pipe'), isOwn: true };
}
