import { describe, expect, test } from 'vitest';
import { RawClient, startRouter } from '../listen/support.ts';

const COUNT = 100_000;
const CONNECT = 'CONNECT {"verbose":false,"pedantic":false}\r\n';
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function manySubscriptions(): string {
  let lines = CONNECT;
  for (let n = 0; n < COUNT; n++) lines += `SUB many.${String(n)} ${String(n)}\r\n`;
  return lines;
}

describe('turns are shared', () => {
  test('a client that subscribes to much leaves others their turn, and so does one that goes', async () => {
    await using server = await startRouter({ listen: { host: '127.0.0.1', port: -1 } });
    const { index } = server.router.globalAccount;
    const sizes = new Set<number>();
    const watch = async (until: () => boolean): Promise<void> => {
      for (const end = Date.now() + 20_000; !until() && Date.now() < end;) {
        sizes.add(index.size);
        await nextTurn();
      }
    };
    const busy = RawClient.to(server.port);
    busy.send(manySubscriptions());
    await watch(() => index.size >= COUNT);
    expect(index.size).toBeGreaterThanOrEqual(COUNT);
    expect(sizes.size).toBeGreaterThan(5);
    sizes.clear();
    busy.socket.destroy();
    await watch(() => index.size < 100);
    expect(index.size).toBeLessThan(100);
    expect(sizes.size).toBeGreaterThan(5);
  });

  test('a publisher that has much to say does not keep the others waiting', async () => {
    await using server = await startRouter({ listen: { host: '127.0.0.1', port: -1 } });
    const busy = RawClient.to(server.port);
    const quiet = RawClient.to(server.port);
    quiet.send(`${CONNECT}PING\r\n`);
    await quiet.until('PONG');
    busy.send(`${CONNECT}${'PUB a.b 16\r\n0123456789abcdef\r\n'.repeat(300_000)}PING\r\n`);
    const said: string[] = [];
    const all = busy.until('PONG').then(() => said.push('busy'));
    quiet.send('PING\r\n');
    await quiet.until('PONG\r\nPONG').then(() => said.push('quiet'));
    await all;
    expect(said).toEqual(['quiet', 'busy']);
    quiet.socket.destroy();
    busy.socket.destroy();
  });
});
