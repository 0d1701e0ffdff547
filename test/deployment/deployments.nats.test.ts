import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeNKey } from '../../main/base/nkey.ts';
import { setUp, statusOf } from './deployment-support.ts';

const soon = (): AbortSignal => AbortSignal.timeout(5000);

describe('deployments', () => {
  const make = setUp();

  it('connects, notices that the server is gone, and that it is back', async () => {
    const server = await make.server();
    const deployments = make.deployments({
      configured: [{ server: server.url, prefix: 'skerry' }],
    });
    expect(deployments.status()[0]).toMatchObject({ state: 'connecting', error: null });
    const events: string[] = [];
    const connection = deployments.configured[0]?.connection;
    for (const name of ['fresh', 'away', 'back', 'lost'] as const) {
      connection?.on(name, () => events.push(name));
    }
    await statusOf(deployments, ({ state }) => state === 'connected');
    await server.stop();
    const gone = await statusOf(deployments, ({ state }) => state === 'disconnected');
    expect(gone.error?.code).toBe('nats-unreachable');
    expect(connection?.client).toBeUndefined();
    await server.start();
    await statusOf(deployments, ({ state, error }) => state === 'connected' && error === null);
    expect(events).toEqual(['fresh', 'away', 'back']);
  });

  it('goes on trying a server that is not there yet', async () => {
    const server = await make.server();
    await server.stop();
    const deployments = make.deployments({
      configured: [{ server: server.url, prefix: 'skerry' }],
    });
    const status = await statusOf(deployments, ({ state }) => state === 'disconnected');
    expect(status.error).toMatchObject({
      code: 'nats-unreachable',
      message: `${server.url} does not answer.`,
    });
    await server.start();
    await statusOf(deployments, ({ state }) => state === 'connected');
  });

  it('a password in the configured address is used and never shown', async () => {
    const server = await make.server('authorization { user: ada, password: hunter2 }');
    const address = server.url.replace('//', '//ada:hunter2@');
    const deployments = make.deployments({ configured: [{ server: address, prefix: 'skerry' }] });
    const status = await statusOf(deployments, ({ state }) => state === 'connected');
    expect(status.server).toBe(server.url);
  });

  it('wrong credentials are refused with a hint, and right ones help without a restart', async () => {
    const server = await make.server('authorization { user: ada, password: hunter2 }');
    const deployments = make.deployments({
      configured: [{ server: server.url, prefix: 'skerry' }],
    });
    const status = await statusOf(deployments, ({ state }) => state === 'refused');
    expect(status.error).toMatchObject({
      code: 'nats-authorization',
      hint: expect.stringContaining('.creds'),
    });
    const ready = deployments.configured[0]?.connection.ready(soon());
    await expect(ready).rejects.toMatchObject({ code: 'nats-authorization' });
    await server.start('');
    await statusOf(deployments, ({ state }) => state === 'connected');
  });

  it('a server that begins to refuse loses its client', async () => {
    const server = await make.server();
    const deployments = make.deployments({
      configured: [{ server: server.url, prefix: 'skerry' }],
    });
    await statusOf(deployments, ({ state }) => state === 'connected');
    const lost = new Promise<string>((resolve) => {
      deployments.configured[0]?.connection.on('lost', ({ code }) => resolve(code));
    });
    await server.start('authorization { user: ada, password: hunter2 }');
    expect(await lost).toBe('nats-authorization');
    await statusOf(deployments, ({ state }) => state === 'refused');
  });

  it('a creds file that is missing, or is none, is named', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'skerry-creds-'));
    try {
      const [missing, wrong] = [join(folder, 'missing.creds'), join(folder, 'wrong.creds')];
      await writeFile(wrong, 'not creds');
      const server = await make.server();
      for (const creds of [missing, wrong]) {
        const deployments = make.deployments({
          configured: [{ server: server.url, prefix: 'skerry', creds }],
        });
        const status = await statusOf(deployments, ({ state }) => state === 'refused');
        expect(status.error?.code).toBe('nats-creds');
        await deployments.close();
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("a server that knows this peer's user key lets it in by it", async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
    const key = encodeNKey('user', raw);
    const server = await make.server(`authorization { users: [ { nkey: ${key} } ] }`);
    const user = { key, jwt: '', signNonce: (nonce: Uint8Array) => sign(null, nonce, privateKey) };
    const deployments = make.deployments({
      configured: [{ server: server.url, prefix: 'skerry' }],
      user,
    });
    const status = await statusOf(deployments, ({ state }) => state !== 'connecting');
    expect(status).toMatchObject({ state: 'connected', error: null });
  });

  it('a server with too small a max_payload is refused, also when it becomes so', async () => {
    const server = await make.server('max_payload: 1000');
    const deployments = make.deployments({
      configured: [{ server: server.url, prefix: 'skerry' }],
    });
    const status = await statusOf(deployments, ({ state }) => state === 'refused');
    expect(status.error).toMatchObject({
      code: 'nats-payload',
      message: `${server.url} takes messages of 1000 bytes at most; 1350 are needed.`,
    });
    await server.start('max_payload: 1350');
    await statusOf(deployments, ({ state }) => state === 'connected');
    expect(deployments.configured[0]?.connection.maxPayload).toBe(1350);
    await server.start('max_payload: 1349');
    await statusOf(deployments, ({ state }) => state === 'refused');
  });

  it('a host that does not exist, and one that is no NATS server, are told apart', async () => {
    const server = await make.server();
    const unknown = make.deployments({
      configured: [{ server: 'nats://nobody.invalid:4222', prefix: 'skerry' }],
    });
    const other = make.deployments({
      configured: [{ server: server.url.replace('nats:', 'tls:'), prefix: 'skerry' }],
    });
    const [name, tls] = await Promise.all([
      statusOf(unknown, ({ state }) => state !== 'connecting'),
      statusOf(other, ({ state }) => state !== 'connecting'),
    ]);
    expect(name.error?.code).toBe('nats-name');
    expect(tls.error?.code).toBe('nats-tls');
  });

  it('a malformed address in the configuration is refused at once', () => {
    const configured = [{ server: 'ws://host', prefix: 'skerry' }];
    expect(() => make.deployments({ configured })).toThrow(
      expect.objectContaining({ code: 'nats-address' }),
    );
  });

  it('closing ends at once also while a server does not answer', async () => {
    const deployments = make.deployments({
      configured: [{ server: 'nats://127.0.0.1:1', prefix: 'skerry' }],
    });
    const ready = deployments.configured[0]?.connection.ready(soon());
    const outcome = ready?.catch(({ code }) => code);
    await deployments.close();
    await deployments.close();
    expect(['nats-closed', 'nats-unreachable']).toContain(await outcome);
    expect(() => deployments.lease('nats://127.0.0.1:1')).toThrow('being closed');
  });
});

describe('deployments, servers of contacts', () => {
  const make = setUp();

  it('are connected to without credentials while they are used, and shared between uses', async () => {
    const server = await make.server();
    const deployments = make.deployments({ configured: [] });
    const [one, other] = [deployments.lease(server.url), deployments.lease(server.url)];
    expect(one.connection).toBe(other.connection);
    await one.connection.ready(soon());
    one.release();
    one.release();
    other.release();
    expect(deployments.lease(server.url).connection).toBe(one.connection);
    expect(deployments.status()).toEqual([]);
  });

  it('a configured server is used as it is configured', async () => {
    const server = await make.server('authorization { token: hunter2 }');
    const configured = [{ server: server.url.replace('//', '//hunter2@'), prefix: 'skerry' }];
    const deployments = make.deployments({ configured });
    const { connection } = deployments.lease(server.url);
    await connection.ready(soon());
    expect(connection).toBe(deployments.configured[0]?.connection);
  });

  it('are eight at most; an idle one makes room', async () => {
    const deployments = make.deployments({ configured: [] });
    const leases = Array.from({ length: 8 }, (_, index) =>
      deployments.lease(`nats://127.0.0.1:${index + 1}`),
    );
    expect(() => deployments.lease('nats://127.0.0.1:9')).toThrow(
      expect.objectContaining({ code: 'nats-servers' }),
    );
    leases[3]?.release();
    expect(deployments.lease('nats://127.0.0.1:9').connection.server).toBe('nats://127.0.0.1:9');
  });

  it('credentials in what a contact says are refused', () => {
    const deployments = make.deployments({ configured: [] });
    expect(() => deployments.lease('nats://a:b@127.0.0.1')).toThrow('must not hold credentials');
  });
});
