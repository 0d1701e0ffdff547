import { wsconnect } from '@nats-io/nats-core';
import { connect } from 'nats';
import { expect, test } from 'vitest';
import { startRouter, take } from './support.ts';

const websocket = (more = ''): string =>
  `websocket { listen: "127.0.0.1:-1", no_tls: true ${more} }`;

test.each([
  { name: 'plain', more: '' },
  { name: 'compressed', more: ', compression: true' },
])('nats-core over WebSocket - talks with a client over TCP, $name', async ({ more }) => {
  await using server = await startRouter({ config: websocket(more) });
  const web = await wsconnect({ servers: `ws://127.0.0.1:${server.ports.websocket}` });
  const tcp = await connect({ servers: server.url });
  try {
    const subscription = web.subscribe('to.web.*');
    await web.flush();
    for (let i = 0; i < 100; i++) tcp.publish('to.web.x', 'x'.repeat(i * 50));
    const sizes = (await take(subscription, 100)).map((body) => body.length);
    expect(sizes).toEqual(Array.from({ length: 100 }, (_, i) => i * 50));

    tcp.subscribe('ask', { callback: (_, message) => void message.respond('answer') });
    await tcp.flush();
    expect((await web.request('ask', '')).string()).toBe('answer');
    await expect(web.request('nobody', '')).rejects.toThrow();
  } finally {
    await web.close();
    await tcp.close();
  }
});

test('nats-core over WebSocket - logs in, and a login for TCP only is refused', async () => {
  await using server = await startRouter({
    config: `${websocket()}
      authorization { users: [
        { user: web, password: x, allowed_connection_types: ["WEBSOCKET"] }
        { user: tcp, password: x, allowed_connection_types: ["STANDARD"] }
      ] }`,
  });
  const servers = `ws://127.0.0.1:${server.ports.websocket}`;
  const web = await wsconnect({ servers, user: 'web', pass: 'x' });
  await web.flush();
  await web.close();
  await expect(wsconnect({ servers, user: 'tcp', pass: 'x', reconnect: false })).rejects.toThrow(
    /authorization/i,
  );
});
