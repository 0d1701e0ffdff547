import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { QuickSend } from '../../main/link/udp/quick-send.ts';

let from: Socket;
let to: Socket;
let port: number;
beforeEach(() => bindTo(4, '127.0.0.1'));

async function bindTo(family: 4 | 6, host: string): Promise<void> {
  const type = family === 4 ? 'udp4' : 'udp6';
  // As UdpSocket has it: `send` is over when it returns.
  const lookup = (address: string, _options: unknown, callback: (...answer: never[]) => void) =>
    callback(...([null, address, family] as never[]));
  [from, to] = [createSocket({ type, lookup }), createSocket(type)];
  for (const socket of [from, to]) {
    await new Promise<void>((resolve) => socket.bind(0, host, resolve));
  }
  ({ port } = to.address());
}

afterEach(() => {
  from.close();
  to.close();
});

test('quick send - datagrams of all lengths arrive as they are, after one by the documented way', async () => {
  const quick = new QuickSend(from);
  const buffer = Buffer.alloc(9_000);
  const ways: string[] = [];
  for (let n = 1; n <= 400; n++) {
    const length = (n * 97) % 9_000;
    buffer.fill(n % 256, 0, length);
    const came = once(to, 'message') as Promise<[Buffer]>;
    const way = quick.send(buffer, length, port, '127.0.0.1');
    ways.push(way);
    if (way === 'not') from.send(buffer, 0, length, port, '127.0.0.1');
    const [datagram] = await came;
    expect(datagram.equals(Buffer.alloc(length, n % 256))).toBe(true);
  }
  expect(ways.filter((way) => way !== 'sent')).toEqual(['not']);
  expect(ways[0]).toBe('not');
});

const hasIpv6 = Object.values(networkInterfaces()).some((each) =>
  each?.some(({ address }) => address === '::1'),
);

// Where a machine has no IPv6, there is nothing to send; the link cases without IPv4 bring their own networks.
test.skipIf(!hasIpv6)('quick send - over IPv6 as over IPv4', async () => {
  from.close();
  to.close();
  await bindTo(6, '::1');
  const quick = new QuickSend(from);
  const buffer = Buffer.from('over six');
  for (const expected of ['not', 'sent', 'sent']) {
    const came = once(to, 'message') as Promise<[Buffer]>;
    const way = quick.send(buffer, buffer.length, port, '::1');
    expect(way).toBe(expected);
    if (way === 'not') from.send(buffer, 0, buffer.length, port, '::1');
    expect((await came)[0].toString()).toBe('over six');
  }
});

test('quick send - another buffer is another datagram', async () => {
  const quick = new QuickSend(from);
  for (const byte of [1, 2, 3]) {
    const buffer = Buffer.alloc(100, byte);
    const came = once(to, 'message') as Promise<[Buffer]>;
    if (quick.send(buffer, 50, port, '127.0.0.1') === 'not') {
      from.send(buffer, 0, 50, port, '127.0.0.1');
    }
    expect((await came)[0].equals(Buffer.alloc(50, byte))).toBe(true);
  }
});

test('quick send - what the system does not take at once takes the request along; the next one is made anew', () => {
  const handle = handleOf(from);
  const quick = new QuickSend(from);
  const buffer = Buffer.alloc(10);
  const documented = (): void => from.send(buffer, 0, 10, port, '127.0.0.1');
  expect(quick.send(buffer, 10, port, '127.0.0.1')).toBe('not');
  documented();
  expect(quick.send(buffer, 10, port, '127.0.0.1')).toBe('sent');
  const { send } = handle;
  handle.send = () => 0;
  expect(quick.send(buffer, 10, port, '127.0.0.1')).toBe('queued');
  handle.send = send;
  expect(quick.send(buffer, 10, port, '127.0.0.1')).toBe('not');
  documented();
  expect(quick.send(buffer, 10, port, '127.0.0.1')).toBe('sent');
});

test('quick send - what cannot be sent is lost, as with the documented way', () => {
  const quick = new QuickSend(from);
  const buffer = Buffer.alloc(70_000);
  quick.send(buffer, 10, port, '127.0.0.1');
  from.send(buffer, 0, 10, port, '127.0.0.1');
  expect(quick.send(buffer, 70_000, port, '127.0.0.1')).toBe('sent');
  expect(quick.send(buffer, 10, port, '127.0.0.1')).toBe('sent');
});

test('quick send - a socket that is made otherwise is left to the documented way', () => {
  const quick = new QuickSend({} as Socket);
  for (let n = 0; n < 3; n++) {
    expect(quick.send(Buffer.alloc(10), 10, port, '127.0.0.1')).toBe('not');
  }
});

function handleOf(socket: Socket): { send: (...args: never[]) => number } {
  const symbol = Object.getOwnPropertySymbols(socket).find(
    ({ description }) => description === 'state symbol',
  ) as symbol;
  return (socket as never as Record<symbol, { handle: never }>)[symbol]?.handle as never;
}
