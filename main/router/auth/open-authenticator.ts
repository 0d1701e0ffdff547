import type { Authenticator } from './types.ts';

/** Lets everybody into the global account. */
export const openAuthenticator: Authenticator = {
  required: false,
  challenges: false,
  anonymous: true,
  authenticate: (credentials) => ({ ok: true, account: '$G', user: credentials.user ?? '' }),
};
