import { connect, type NatsConnection, type ServiceInfo } from 'nats';
import { afterEach, describe, expect, it } from 'vitest';
import type { NatsServer } from '../support/nats-server.ts';
import { echo, setUp, statusOf } from './deployment-support.ts';

const PEER = 'user: peer, password: x, permissions';
const ALL = '{ user: tool, password: x }';
const restricted = (permissions: string): string =>
  `authorization { users: [ { ${PEER}: ${permissions} }, ${ALL} ] }`;

describe('micro service', () => {
  const make = setUp();
  const clients: NatsConnection[] = [];
  afterEach(() => Promise.all(clients.splice(0).map((client) => client.close())));

  async function tool(server: NatsServer): Promise<NatsConnection> {
    const client = await connect({ servers: server.url, user: 'tool', pass: 'x' });
    clients.push(client);
    return client;
  }
  const as = (server: NatsServer, user: string): string => server.url.replace('//', `//${user}:x@`);

  /** Asks until the service is there. */
  async function ask(client: NatsConnection, subject: string): Promise<string> {
    for (let attempt = 0; attempt < 200; attempt += 1) {
      try {
        return (await client.request(subject, '', { timeout: 1000 })).string();
      } catch {
        // Nobody there yet.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    throw new Error(`nobody answers ${subject}`);
  }

  it('answers discovery as a NATS micro service with its key, name and version', async () => {
    const server = await make.server();
    const deployments = make.deployments({
      configured: [{ server: server.url, prefix: 'skerry' }],
    });
    deployments.serve(echo);
    const client = await tool(server);
    expect(JSON.parse(await ask(client, '$SRV.PING.skerry'))).toMatchObject({
      type: 'io.nats.micro.v1.ping_response',
      name: 'skerry',
      version: '1.2.3',
      metadata: { key: 'AKEY', name: 'Ada', version: '1.2.3' },
    });
    const info = JSON.parse(await ask(client, '$SRV.INFO.skerry')) as ServiceInfo;
    expect(info.endpoints).toEqual([
      { name: 'dial', subject: 'skerry.dial.AKEY', queue_group: 'q' },
    ]);
    expect(await ask(client, 'skerry.dial.AKEY')).toBe('skerry');
    expect(JSON.parse(await ask(client, '$SRV.STATS.skerry'))).toMatchObject({
      endpoints: [{ name: 'dial', num_requests: 1 }],
    });
  });

  it('is there again after a restart of the server, and after a client that was refused', async () => {
    const server = await make.server();
    const deployments = make.deployments({
      configured: [{ server: server.url, prefix: 'skerry' }],
    });
    deployments.serve(echo);
    await ask(await tool(server), '$SRV.PING.skerry');
    await server.start();
    expect(await ask(await tool(server), 'skerry.dial.AKEY')).toBe('skerry');
    await server.start('authorization { user: tool, password: x }');
    await statusOf(deployments, ({ state }) => state === 'refused');
    await server.start('');
    expect(await ask(await tool(server), '$SRV.PING.skerry')).toContain('AKEY');
  });

  it('needs no more than its prefix, $SRV and reply inboxes', async () => {
    const server = await make.server(
      restricted('{ publish: ["skerry.>", "_INBOX.>"], subscribe: ["skerry.>", "$SRV.>"] }'),
    );
    const deployments = make.deployments({
      configured: [{ server: as(server, 'peer'), prefix: 'skerry' }],
    });
    deployments.serve(echo);
    const client = await tool(server);
    expect(await ask(client, '$SRV.PING.skerry')).toContain('AKEY');
    expect(await ask(client, 'skerry.dial.AKEY')).toBe('skerry');
    expect(deployments.status()[0]).toMatchObject({ state: 'connected', error: null });
  });

  it('serves its endpoint, with a warning, where discovery is denied', async () => {
    const server = await make.server(
      restricted('{ publish: ["skerry.>", "_INBOX.>"], subscribe: "skerry.>" }'),
    );
    const deployments = make.deployments({
      configured: [{ server: as(server, 'peer'), prefix: 'skerry' }],
    });
    deployments.serve(echo);
    expect(await ask(await tool(server), 'skerry.dial.AKEY')).toBe('skerry');
    const status = await statusOf(deployments, ({ error }) => error !== null);
    expect(status).toMatchObject({ state: 'connected', error: { code: 'nats-discovery' } });
    await server.start('');
    expect(await ask(await tool(server), '$SRV.PING.skerry')).toContain('AKEY');
    expect(deployments.status()[0]?.error).toBeNull();
  });

  it('names the subject where its endpoint itself is denied', async () => {
    const server = await make.server(
      restricted('{ publish: ">", subscribe: ["$SRV.>", "other.>"] }'),
    );
    const deployments = make.deployments({
      configured: [{ server: as(server, 'peer'), prefix: 'skerry' }],
    });
    deployments.serve(echo);
    const status = await statusOf(deployments, ({ error }) => error !== null);
    expect(status).toMatchObject({
      state: 'connected',
      error: {
        code: 'nats-permission',
        message: `${server.url} does not let this peer subscribe to skerry.dial.AKEY.`,
      },
    });
  });

  it('an exception in its handler reaches neither the client nor the asker', async () => {
    const server = await make.server();
    const deployments = make.deployments({
      configured: [{ server: server.url, prefix: 'skerry' }],
    });
    deployments.serve({
      ...echo,
      handler: (request) => {
        if (request.data.length > 0) throw new Error('secret detail');
        request.respond('fine');
      },
    });
    const client = await tool(server);
    await ask(client, 'skerry.dial.AKEY');
    const silent = client.request('skerry.dial.AKEY', 'x', { timeout: 200 });
    await expect(silent).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(await ask(client, 'skerry.dial.AKEY')).toBe('fine');
  });

  it('is gone when its offer ends', async () => {
    const server = await make.server();
    const deployments = make.deployments({
      configured: [{ server: server.url, prefix: 'skerry' }],
    });
    const end = deployments.serve(echo);
    const client = await tool(server);
    await ask(client, 'skerry.dial.AKEY');
    end();
    await deployments.configured[0]?.connection.client?.flush();
    for (const subject of ['skerry.dial.AKEY', '$SRV.PING.skerry']) {
      await expect(client.request(subject)).rejects.toMatchObject({ code: '503' });
    }
  });
});
