import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { PeerKey } from '../identity/types.ts';
import type { ServiceAudience } from './types.ts';

/** A service as it is stored. */
export interface ServiceRow {
  readonly name: string;
  readonly target: string;
  readonly audience: ServiceAudience;
  readonly createdAt: number;
}

export interface ForwardRow {
  readonly id: string;
  readonly peer: PeerKey;
  readonly service: string;
  readonly listen: string;
  readonly remote: boolean;
  readonly createdAt: number;
}

const StoredAudience = z.union([z.literal('everyone'), z.array(z.string())]);

/** What this peer exposes and forwards, in the store. */
export class ForwardRepository {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  services(): ServiceRow[] {
    return this.#db
      .prepare<[], { name: string; target: string; audience: string; created_at: number }>(
        'SELECT name, target, audience, created_at FROM services ORDER BY name',
      )
      .all()
      .map(({ name, target, audience, created_at: createdAt }) => ({
        name,
        target,
        audience: StoredAudience.parse(JSON.parse(audience)),
        createdAt,
      }));
  }

  putService({ name, target, audience, createdAt }: ServiceRow): void {
    this.#db
      .prepare(
        `INSERT INTO services (name, target, audience, created_at) VALUES (?, ?, ?, ?)
           ON CONFLICT (name) DO UPDATE SET target = excluded.target, audience = excluded.audience`,
      )
      .run(name, target, JSON.stringify(audience), createdAt);
  }

  removeService(name: string): void {
    this.#db.prepare('DELETE FROM services WHERE name = ?').run(name);
  }

  forwards(): ForwardRow[] {
    return this.#db
      .prepare<
        [],
        {
          id: string;
          peer: string;
          service: string;
          listen: string;
          remote: number;
          created_at: number;
        }
      >(
        'SELECT id, peer, service, listen, remote, created_at FROM forwards ORDER BY created_at, id',
      )
      .all()
      .map(({ remote, created_at: createdAt, ...row }) => ({
        ...row,
        remote: remote === 1,
        createdAt,
      }));
  }

  insertForward({ id, peer, service, listen, remote, createdAt }: ForwardRow): void {
    this.#db
      .prepare(
        'INSERT INTO forwards (id, peer, service, listen, remote, created_at) VALUES (?, ?, ?, ?, ?, ?)',
      )
      .run(id, peer, service, listen, Number(remote), createdAt);
  }

  removeForward(id: string): void {
    this.#db.prepare('DELETE FROM forwards WHERE id = ?').run(id);
  }
}
