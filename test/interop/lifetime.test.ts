import { describe, expect, test } from 'vitest';
import { clients } from './clients.ts';
import { connected, startRouter, Statuses, take } from './support.ts';

describe.each(clients)('$name and the life of the router', (client) => {
  test('comes back after a restart, with its subscriptions', async () => {
    await using server = await startRouter();
    await using connection = await connected(client, server, { maxReconnectAttempts: -1 });
    const statuses = new Statuses(connection);
    const subscription = connection.subscribe('after');
    await connection.flush();
    await server.stop();
    await statuses.next('disconnect');
    await server.start();
    await statuses.next('reconnect');
    connection.publish('after', 'again');
    expect(await take(subscription, 1)).toEqual(['again']);
  });

  test('is told of lame duck mode', async () => {
    await using server = await startRouter({
      config: 'lame_duck_duration: "30s"\nlame_duck_grace_period: "1s"',
    });
    await using connection = await connected(client, server, { reconnect: false });
    const statuses = new Statuses(connection);
    await connection.flush();
    server.signal('SIGUSR2');
    expect(await statuses.next('ldm')).toBeDefined();
    await connection.close();
    expect(await server.exited).toBe(0);
  });

  test('goes to another router when its own shuts down', async () => {
    await using first = await startRouter();
    await using second = await startRouter();
    await using connection = await connected(client, first, {
      servers: [first.url, second.url],
      noRandomize: true,
    });
    const statuses = new Statuses(connection);
    expect(connection.getServer()).toContain(String(first.ports.client));
    await connection.flush();
    await first.stop('SIGTERM');
    await statuses.next('reconnect');
    expect(connection.getServer()).toContain(String(second.ports.client));
  });

  test('stays connected over a reload', async () => {
    await using server = await startRouter({ config: 'max_payload: 1000' });
    await using connection = await connected(client, server);
    const subscription = connection.subscribe('steady');
    await connection.flush();
    await server.configure('max_payload: 5000\nauthorization { timeout: 3 }');
    server.signal('SIGHUP');
    await server.logged(/Reloaded server configuration/);
    connection.publish('steady', 'x');
    expect(await take(subscription, 1)).toEqual(['x']);
    await using later = await connected(client, server);
    expect(later.info?.max_payload).toBe(5_000);
  });

  test('is disconnected when a reload takes its user away', async () => {
    await using server = await startRouter({
      config: 'authorization { users: [ { user: a, password: x }, { user: b, password: x } ] }',
    });
    await using a = await connected(client, server, { user: 'a', pass: 'x', reconnect: false });
    await using b = await connected(client, server, { user: 'b', pass: 'x', reconnect: false });
    const closed = a.closed();
    await server.configure('authorization { users: [ { user: b, password: x } ] }');
    server.signal('SIGHUP');
    await closed;
    expect(a.isClosed()).toBe(true);
    await b.flush();
    expect(b.isClosed()).toBe(false);
  });

  test('is refused above the number of connections', async () => {
    await using server = await startRouter({ config: 'max_connections: 1' });
    await using connection = await connected(client, server);
    await expect(connected(client, server, { reconnect: false })).rejects.toThrow();
    await connection.flush();
  });
});
