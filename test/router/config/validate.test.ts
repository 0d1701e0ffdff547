import { describe, expect, it } from 'vitest';
import { validateOptions } from '../../../main/router/config/validate.ts';
import type { RouterOptions } from '../../../main/router/options.ts';
import { Router } from '../../../main/router/router.ts';
import { createTrust, operatorJwt } from '../support/jwt.ts';

const operator = { jwts: ['x'], resolver: { kind: 'memory' } } as const;
const noTls = { host: 'h', port: 1, noTls: true };

describe('rules between options', () => {
  it.each<[string, RouterOptions]>([
    ['nothing said', {}],
    ['an anonymous user', { noAuthUser: 'a', accounts: [{ name: 'A', users: [{ user: 'a' }] }] }],
    ['a leaf in the system account', { leafnodes: { remotes: [{ urls: [], account: '$SYS' }] } }],
    ['websocket without TLS on purpose', { websocket: noTls }],
    ['an operator', { operator }],
  ])('hold with %s', (_, options) => {
    expect(() => validateOptions(options)).not.toThrow();
  });

  it.each<[string, RouterOptions]>([
    [
      'lame duck grace period (1m30s) should be strictly lower than lame duck duration (30s)',
      { lameDuck: { duration: 30_000, gracePeriod: 90_000 } },
    ],
    [
      'max_payload (5) cannot be higher than max_pending (4)',
      { limits: { maxPayload: 5, maxPending: 4 } },
    ],
    ['no_auth_user: "a" present, but users/nkeys are not defined', { noAuthUser: 'a' }],
    [
      'no_auth_user: "a" not present as user or nkey in authorization block or account configuration',
      { noAuthUser: 'a', authorization: { users: [{ user: 'b' }] } },
    ],
    ['no_auth_user not compatible with Trusted Operator', { noAuthUser: 'a', operator }],
    ['operators require an account resolver to be configured', { operator: { jwts: ['x'] } }],
    [
      'operators do not allow Accounts to be configured directly',
      { operator, accounts: [{ name: 'A' }] },
    ],
    [
      'operators do not allow users to be configured directly',
      { operator, authorization: { users: [{ user: 'a' }] } },
    ],
    [
      'trusted_keys and operators exclude each other',
      { operator: { ...operator, trustedKeys: ['O'] } },
    ],
    [
      'cannot find local account "A" specified in leafnode remote',
      { leafnodes: { remotes: [{ urls: [], account: 'A' }] } },
    ],
    [
      'cannot find local account "A" specified in leafnode authorization',
      { leafnodes: { authorization: { users: [{ account: 'A' }] } } },
    ],
    [
      'operator mode requires account nkeys in remotes: add an `account` (A…) to each of them',
      { operator, leafnodes: { remotes: [{ urls: [] }] } },
    ],
    [
      'remote leaf node configuration cannot have a mix of websocket and non-websocket urls: ws://h, nats://i',
      { leafnodes: { remotes: [{ urls: ['ws://u:secret@h', 'nats://i'] }] } },
    ],
    ['websocket requires TLS configuration', { websocket: { host: 'h', port: 1 } }],
    [
      'websocket authentication token not compatible with presence of users/nkeys',
      {
        websocket: { ...noTls, authorization: { token: 't' } },
        authorization: { users: [{ user: 'a' }] },
      },
    ],
    [
      'trusted operators or trusted keys configuration is required for JWT authentication via cookie "c"',
      { websocket: { ...noTls, jwtCookie: 'c' } },
    ],
    ['https_port needs a "tls" section', { monitor: { host: 'h', port: 1, https: true } }],
  ])('%s', (message, options) => {
    expect(() => validateOptions(options)).toThrow(message);
  });
});

describe('rules hold for a router that is embedded', () => {
  const good: RouterOptions = { limits: { maxPayload: 4, maxPending: 4 } };
  const wrong: RouterOptions = { limits: { maxPayload: 5, maxPending: 4 } };

  it('when it is made', () => {
    expect(() => new Router(wrong)).toThrow('max_payload (5) cannot be higher than max_pending');
  });

  it('and when it is told to change, which changes nothing then', async () => {
    const router = new Router(good);
    await expect(router.reload(wrong)).rejects.toThrow('max_payload (5) cannot be higher');
    expect(router.options).toBe(good);
    await router.stop();
  });

  it('a directory of JWTs needs a system account, named by the operator or by the configuration', () => {
    const { jwts, system, operator: key } = createTrust();
    const resolver = { kind: 'full', dir: '/nowhere' } as const;
    const nameless = operatorJwt(key);
    const options = (jwt: string): RouterOptions => ({ operator: { jwts: [jwt], resolver } });
    expect(() => new Router(options(nameless))).toThrow('using nats based account resolver');
    expect(() => new Router(options(jwts.operator))).not.toThrow();
    expect(
      () => new Router({ ...options(nameless), systemAccount: system.getPublicKey() }),
    ).not.toThrow();
  });
});
