import { mkdir, open, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeNKey } from '../../base/nkey.ts';
import { codeOf } from '../../base/errors.ts';
import { RouterError } from '../errors.ts';
import type { ResolverOptions } from '../options.ts';
import { claimedTimes } from './claimed-times.ts';
import { JwtIndex } from './jwt-index.ts';
import type { AccountDirectory, AccountResolver, AccountStore } from './resolver.ts';
import { MAX_JWT_LENGTH } from './token.ts';

type DirectoryOptions = Extract<ResolverOptions, { kind: 'full' | 'cache' }>;

const EXTENSION = '.jwt';
/** nats-server's limit of a cache that names none. */
const CACHE_LIMIT = 1000;
const MAX_SWEEP_MS = 60_000;

/**
 * Account JWTs in a folder, one file `<key>.jwt` each. A `full` one keeps all until they expire and refuses more
 * than its limit; a `cache` forgets what was not used for longest.
 *
 * One change at a time; a file is written beside and renamed, so that a reader never sees half of it.
 */
export class DirectoryResolver implements AccountResolver {
  readonly store: AccountStore;
  readonly #options: DirectoryOptions;
  readonly #index: JwtIndex;
  readonly #limit: number;
  #queue: Promise<unknown> = Promise.resolve();
  #sweeper: NodeJS.Timeout | undefined;

  /** @param now Unix ms */
  constructor(options: DirectoryOptions, now: () => number = Date.now) {
    this.#options = options;
    this.#index = new JwtIndex(options.ttl ?? 0, now);
    this.#limit = options.limit || (options.kind === 'cache' ? CACHE_LIMIT : Infinity);
    this.store = {
      put: (key, jwt, ifNewer = false) => this.#inTurn(() => this.#put(key, jwt, ifNewer)),
      directory: this.#directory(),
    };
  }

  /** Makes the folder if needed and reads what is there. Throws RouterError 'router-resolver'. */
  async start(): Promise<void> {
    try {
      await mkdir(this.#options.dir, { recursive: true, mode: 0o700 });
      for (const file of await readdir(this.#options.dir)) {
        const key = file.endsWith(EXTENSION) ? file.slice(0, -EXTENSION.length) : '';
        if (decodeNKey('account', key) === undefined) continue;
        const jwt = await this.#read(key);
        if (jwt !== undefined) this.#index.set(key, jwt);
      }
    } catch (error) {
      throw failed(`The folder of account JWTs ${this.#options.dir} cannot be read`, error);
    }
    const { ttl = 0 } = this.#options;
    const every = ttl > 0 ? Math.min(ttl / 2, MAX_SWEEP_MS) : MAX_SWEEP_MS;
    clearInterval(this.#sweeper);
    this.#sweeper = setInterval(() => void this.#inTurn(() => this.#sweep()), every).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    await this.#queue;
  }

  async fetch(key: string): Promise<string | undefined> {
    if (decodeNKey('account', key) === undefined) return undefined;
    const jwt = await this.#read(key);
    if (jwt !== undefined) this.#index.touch(key);
    return jwt;
  }

  /** Runs after what was asked before; a failure is the asker's alone. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async #put(key: string, jwt: string, ifNewer: boolean): Promise<boolean> {
    if (decodeNKey('account', key) === undefined || jwt === '' || jwt.length > MAX_JWT_LENGTH)
      throw new RouterError('router-resolver', 'invalid JWT');
    if (this.#index.holds(key, jwt)) return false;
    if (ifNewer && (await this.#hasNewer(key, jwt))) return false;
    if (!this.#index.has(key) && this.#index.size >= this.#limit) await this.#makeRoom();
    try {
      await writeAtomically(this.#pathOf(key), jwt);
    } catch (error) {
      throw failed('An account JWT cannot be written', error);
    }
    this.#index.set(key, jwt);
    return true;
  }

  async #hasNewer(key: string, jwt: string): Promise<boolean> {
    const known = await this.#read(key);
    if (known === undefined) return false;
    const [own, given] = [claimedTimes(known), claimedTimes(jwt)];
    return (own.id !== '' && own.id === given.id) || own.issuedAt > given.issuedAt;
  }

  async #makeRoom(): Promise<void> {
    const victim = this.#index.leastRecentlyUsed();
    if (this.#options.kind === 'full' || victim === undefined)
      throw new RouterError('router-resolver', 'jwt store is full');
    await rm(this.#pathOf(victim), { force: true });
    this.#index.delete(victim);
  }

  async #remove(key: string): Promise<boolean> {
    const path = this.#pathOf(key);
    try {
      // A full one keeps a copy, for who deleted by mistake (nats-server).
      if (this.#options.kind === 'full') await rename(path, `${path}.deleted`);
      else await rm(path);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false;
      throw failed('An account JWT cannot be deleted', error);
    }
    this.#index.delete(key);
    return true;
  }

  async #sweep(): Promise<void> {
    for (const key of this.#index.expired()) {
      try {
        await rm(this.#pathOf(key), { force: true });
        this.#index.delete(key);
      } catch {
        // Tried again at the next sweep; an expired JWT lets nobody in meanwhile.
      }
    }
  }

  #directory(): AccountDirectory {
    const { kind, allowDelete = false } = this.#options;
    const packed = this.#packed.bind(this);
    return {
      kind,
      allowDelete: kind === 'cache' || allowDelete,
      remove: (key) => this.#inTurn(() => this.#remove(key)),
      list: async () => {
        const keys: string[] = [];
        for await (const line of packed()) keys.push(line.slice(0, line.indexOf('|')));
        return keys;
      },
      pack: packed,
      hash: () => this.#index.hash,
    };
  }

  async *#packed(): AsyncGenerator<string> {
    for (const key of this.#index.keys().toSorted()) {
      const jwt = await this.#read(key);
      if (jwt === undefined || jwt === '') continue;
      const { expires } = claimedTimes(jwt);
      if (expires === 0 || expires * 1000 >= Date.now()) yield `${key}|${jwt}`;
    }
  }

  async #read(key: string): Promise<string | undefined> {
    const path = this.#pathOf(key);
    try {
      const { size } = await stat(path);
      return size > MAX_JWT_LENGTH ? undefined : await readFile(path, 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw failed('An account JWT cannot be read', error);
    }
  }

  #pathOf(key: string): string {
    return join(this.#options.dir, `${key}${EXTENSION}`);
  }
}

async function writeAtomically(path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

function failed(message: string, cause: unknown): RouterError {
  return new RouterError('router-resolver', message, { cause });
}
