import { createServer, connect as connectSocket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { RawClient, startRouter } from './support.ts';

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);
const loopbacks = hasIpv6 ? ['127.0.0.1', '::1'] : ['127.0.0.1'];

/** What INFO says to a client that came to this address. */
async function infoAt(host: string, port: number): Promise<Record<string, unknown>> {
  using client = new RawClient(connectSocket(port, host));
  await client.until('\r\n');
  return JSON.parse(client.text.slice('INFO '.length)) as Record<string, unknown>;
}

describe('router on all addresses', () => {
  it('takes clients of both families, and names each by the address it came from', async () => {
    await using at = await startRouter({ listen: { host: '0.0.0.0', port: 0 } });
    expect(at.router.addresses().nats).toContain(`nats://127.0.0.1:${at.port}`);
    for (const address of loopbacks)
      expect(await infoAt(address, at.port)).toMatchObject({ host: '0.0.0.0', client_ip: address });
  });

  it('monitoring does so too', async () => {
    await using at = await startRouter({ monitor: { host: '', port: 0 } });
    const port = new URL(at.router.addresses().monitoring[0] ?? '').port;
    for (const address of loopbacks) {
      const host = address.includes(':') ? `[${address}]` : address;
      const response = await fetch(`http://${host}:${port}/healthz`);
      expect(await response.json()).toEqual({ status: 'ok' });
    }
  });

  it('an address that was named is the only one', async () => {
    await using at = await startRouter({ listen: { host: '127.0.0.1', port: 0 } });
    expect(await infoAt('127.0.0.1', at.port)).toMatchObject({ client_ip: '127.0.0.1' });
    const other = connectSocket(at.port, hasIpv6 ? '::1' : '127.0.0.2');
    const refused = await new Promise<Error>((resolve) => other.once('error', resolve));
    expect(refused.message).toContain('ECONNREFUSED');
  });

  it('says which address is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(startRouter({ listen: { host: '0.0.0.0', port } })).rejects.toThrow(
      `Error listening on 0.0.0.0:${String(port)}`,
    );
    await new Promise((resolve) => taken.close(resolve));
  });
});
