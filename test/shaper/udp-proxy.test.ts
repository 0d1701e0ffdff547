import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, test, vi } from 'vitest';
import { startUdpProxy, type UdpProxy } from '../support/shaper/udp-proxy.ts';

const COUNT = 5000;
const BURST = 100;
const open: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function bind(): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  open.push(socket);
  return socket;
}

/** A client, a proxy, and a far end that sends everything back. */
async function createEcho(
  conditions: Parameters<typeof startUdpProxy>[1],
): Promise<{ client: Socket; proxy: UdpProxy; got: number[] }> {
  const [client, far] = [await bind(), await bind()];
  far.on('message', (datagram, from) => far.send(datagram, from.port, from.address));
  const proxy = await startUdpProxy(far.address().port, conditions, 5);
  open.push(proxy);
  const got: number[] = [];
  client.on('message', (datagram) => got.push(datagram.readUInt32BE()));
  return { client, proxy, got };
}

function numbered(at: number): Buffer {
  const datagram = Buffer.alloc(200);
  datagram.writeUInt32BE(at);
  return datagram;
}

test('udp proxy - loses and doubles the shares it was told, both ways', async () => {
  const { client, proxy, got } = await createEcho({ loss: 0.05, duplicate: 0.01, delayMs: 2 });
  for (let sent = 0; sent < COUNT; sent += BURST) {
    for (let at = sent; at < sent + BURST; at += 1) {
      client.send(numbered(at), proxy.port, '127.0.0.1');
    }
    // No more before all of these have arrived or are lost: no socket's buffer overflows then.
    await vi.waitFor(
      async () => {
        const [there, back] = await proxy.counts();
        expect(there.offered).toBe(sent + BURST);
        expect(there.delivered).toBe(there.offered - there.lost + there.duplicated);
        expect(back.offered).toBe(there.delivered);
        expect(back.delivered).toBe(back.offered - back.lost + back.duplicated);
        expect(got).toHaveLength(back.delivered);
      },
      { timeout: 10_000, interval: 2 },
    );
  }
  const [there, back] = await proxy.counts();
  for (const { offered, lost, duplicated, delivered } of [there, back]) {
    expect(delivered).toBe(offered - lost + duplicated);
    expect(Math.abs(lost - offered * 0.05)).toBeLessThan(4 * Math.sqrt(offered * 0.05));
    expect(Math.abs(duplicated - offered * 0.0095)).toBeLessThan(4 * Math.sqrt(offered * 0.0095));
  }
});

test('udp proxy - no datagram is back before both delays are over', async () => {
  const { client, proxy } = await createEcho({ delayMs: 25 });
  for (let at = 0; at < 20; at += 1) {
    const sent = performance.now();
    const answer = once(client, 'message');
    client.send(numbered(at), proxy.port, '127.0.0.1');
    await answer;
    expect(performance.now() - sent).toBeGreaterThanOrEqual(50);
  }
});
