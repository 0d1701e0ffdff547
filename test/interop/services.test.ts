import { connect } from 'nats';
import { expect, test } from 'vitest';
import { startRouter } from './support.ts';

test('the services API of nats - endpoints, discovery and statistics over the router', async () => {
  await using server = await startRouter();
  const connection = await connect({ servers: server.url });
  const asker = await connect({ servers: server.url });
  try {
    const service = await connection.services.add({
      name: 'doubler',
      version: '1.2.3',
      description: 'doubles',
    });
    service.addGroup('v1').addEndpoint('double', (error, message) => {
      if (error === null || error === undefined) message.respond(message.string().repeat(2));
    });
    service.addEndpoint('fails', (_, message) => void message.respondError(422, 'never'));
    await connection.flush();

    expect((await asker.request('v1.double', 'ab')).string()).toBe('abab');
    const failed = await asker.request('fails', '');
    expect(failed.headers?.get('Nats-Service-Error-Code')).toBe('422');

    const client = asker.services.client();
    const infos = [];
    for await (const info of await client.info('doubler')) infos.push(info);
    expect(infos).toHaveLength(1);
    expect(infos[0]).toMatchObject({ name: 'doubler', version: '1.2.3', description: 'doubles' });
    const stats = [];
    for await (const each of await client.stats('doubler')) stats.push(each);
    expect(stats[0]?.endpoints?.map(({ name, num_requests }) => [name, num_requests])).toEqual([
      ['double', 1],
      ['fails', 1],
    ]);
    await service.stop();
  } finally {
    await asker.close();
    await connection.close();
  }
});
