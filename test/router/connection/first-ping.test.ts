import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { RawClient, startRouter } from '../listen/support.ts';

it('a client that takes its time to connect gets the answer to its PING before one is sent to it', async () => {
  await using at = await startRouter({ listen: { host: '127.0.0.1', port: 0 } });
  using client = RawClient.to(at.port);
  await client.until('\r\n');
  const info = client.text;
  await sleep(2_600);
  client.send('CONNECT {"verbose":false}\r\nPING\r\n');
  await client.until('PONG\r\n');
  expect(client.text).toBe(`${info}PONG\r\n`);
  await client.until('PING\r\n');
});
