/** Where account JWTs come from and go to. */
export interface AccountResolver {
  /** The JWT as it is stored, unverified; undefined when there is none, or none can be had. */
  fetch(key: string): string | undefined | Promise<string | undefined>;
  /** Absent where JWTs can only be read. */
  readonly store?: AccountStore;
  start(): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

/** A resolver that keeps JWTs. */
export interface AccountStore {
  /**
   * Keeps a JWT. Throws RouterError 'router-resolver' when it is full or the disk refuses.
   *
   * @param ifNewer whether one that was issued later stays
   * @returns whether anything changed
   */
  put(key: string, jwt: string, ifNewer?: boolean): Promise<boolean>;
  /** What `$SYS.REQ.CLAIMS.*` asks for; absent in memory, where nats-server answers none of it. */
  readonly directory?: AccountDirectory;
}

export interface AccountDirectory {
  /** `full` keeps whatever is sent, `cache` what is in use. */
  readonly kind: 'full' | 'cache';
  readonly allowDelete: boolean;
  /** Removes one account; whether there was one. */
  remove(key: string): Promise<boolean>;
  /** Keys of all JWTs that have not expired. */
  list(): Promise<readonly string[]>;
  /** `key|jwt` of each of them. */
  pack(): AsyncIterable<string>;
  /** 32 bytes: the same for the same JWTs, in any order. */
  hash(): Uint8Array;
}
