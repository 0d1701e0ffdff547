import { identity } from './0001-identity.ts';
import { share } from './0002-share.ts';
import { forward } from './0003-forward.ts';
import { relay } from './0004-relay.ts';

/** In order; the index plus one is the `user_version` a migration leads to. Never edit one that was released. */
export const migrations: readonly string[] = [identity, share, forward, relay];
