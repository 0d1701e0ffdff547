import { describe, expect, it } from 'vitest';
import type { RouterOptions } from '../../../main/router/options.ts';
import { planReload } from '../../../main/router/operate/reload-plan.ts';

const listen = { host: '127.0.0.1', port: 4222 };
const websocket = { host: 'h', port: 1, noTls: true };
const tls = (certFile: string) => ({ certFile, keyFile: 'key' });

describe('reload plan', () => {
  it('nothing changes when all is the same, however it was said', () => {
    const one: RouterOptions = { listen, limits: { maxPayload: 1_048_576 }, log: { time: true } };
    const other: RouterOptions = { listen: { ...listen }, log: {}, limits: {} };
    expect(planReload(one, other)).toEqual({ changes: [], needsRestart: [] });
  });

  it('any free port is the one that was found', () => {
    const after = { listen: { ...listen, port: -1 }, websocket: { ...websocket, port: -1 } };
    expect(planReload({ listen, websocket }, after)).toEqual({ changes: [], needsRestart: [] });
  });

  it.each<[string, RouterOptions, RouterOptions]>([
    ['max_payload = 5', {}, { limits: { maxPayload: 5 } }],
    ['max_connections = 65536', { limits: { maxConnections: 5 } }, {}],
    ['ping_interval = 1m30s', {}, { limits: { pingInterval: 90_000 } }],
    ['debug = true', {}, { log: { debug: true } }],
    ['logtime = false', {}, { log: { time: false } }],
    ['log_file = x', {}, { log: { file: 'x' } }],
    ['pid_file = x', {}, { pidFile: 'x' }],
    ['client_advertise = x', { listen }, { listen: { ...listen, advertise: 'x' } }],
    ['tls', { tls: tls('a') }, { tls: tls('b') }],
    ['websocket tls', { websocket }, { websocket: { ...websocket, tls: tls('b') } }],
    ['accounts', {}, { accounts: [{ name: 'A' }] }],
    ['mappings', {}, { mappings: [{ source: 'a', destinations: [] }] }],
    ['authorization password', {}, { authorization: { password: 'secret' } }],
    ['authorization users', {}, { authorization: { users: [] } }],
    ['resolver_preload', { operator: {} }, { operator: { preload: { A: 'x' } } }],
    ['leafnodes remotes', {}, { leafnodes: { remotes: [{ urls: ['nats://h'] }] } }],
    ['leafnodes authorization', {}, { leafnodes: { authorization: { user: 'u' } } }],
  ])('can change under way: %s', (change, before, after) => {
    expect(planReload(before, after)).toEqual({ changes: [change], needsRestart: [] });
  });

  it.each<[string, RouterOptions, RouterOptions]>([
    ['server_name', {}, { serverName: 'x' }],
    ['listen', { listen }, { listen: { ...listen, port: 5 } }],
    ['listen', { listen }, { listen: { ...listen, host: 'x' } }],
    ['http', {}, { monitor: { host: 'h', port: 8222 } }],
    ['websocket', { websocket }, { websocket: { ...websocket, compression: true } }],
    ['websocket', { websocket }, {}],
    ['leafnodes', {}, { leafnodes: { listen } }],
    ['operator', {}, { operator: { jwts: ['x'] } }],
    ['resolver', { operator: {} }, { operator: { resolver: { kind: 'memory' } } }],
    ['system_account', {}, { systemAccount: 'S' }],
    ['no_header_support', {}, { noHeaderSupport: true }],
  ])('needs a restart: %s', (setting, before, after) => {
    expect(planReload(before, after).needsRestart).toEqual([setting]);
  });

  it('no secret is in a plan', () => {
    const after: RouterOptions = {
      authorization: { user: 'u', password: 'hunter2', token: 'hunter2' },
      accounts: [{ name: 'A', users: [{ user: 'u', password: 'hunter2' }] }],
      leafnodes: { remotes: [{ urls: ['nats://u:hunter2@h'], nkey: 'hunter2' }] },
    };
    expect(JSON.stringify(planReload({}, after))).not.toContain('hunter2');
  });
});
