import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, test } from 'vitest';
import { createCookieJar } from '../../main/link/session/cookie.ts';
import type { Admission } from '../../main/link/session/types.ts';
import {
  decodeHandshake,
  encodeDialling,
  encodeHello,
  HELLO_BYTES,
  MAGIC,
} from '../../main/link/udp/handshake-wire.ts';
import { createUdpEndpoint, type UdpEndpoint } from '../../main/link/udp/udp-endpoint.ts';
import { holderOf } from '../../main/link/udp/addresses.ts';
import { SourceLimit } from '../../main/link/udp/source-limit.ts';
import { log } from './links-support.ts';

let endpoint: UdpEndpoint | undefined;
let socket: Socket | undefined;

afterEach(async () => {
  await endpoint?.close();
  const client = socket;
  if (client !== undefined) await new Promise<void>((resolve) => client.close(resolve));
  [endpoint, socket] = [undefined, undefined];
});

/** An endpoint whose admission counts, and a socket that hears its answers. */
async function createTarget(): Promise<{
  send: (datagram: Uint8Array) => void;
  answers: Buffer[];
  asked: Uint8Array[];
}> {
  const asked: Uint8Array[] = [];
  const answers: Buffer[] = [];
  const admission: Admission = {
    answer: (dial) => {
      asked.push(dial);
      return { reply: null };
    },
  };
  const target = createUdpEndpoint({
    port: 0,
    host: '127.0.0.1',
    admission,
    cookies: createCookieJar(randomBytes(32), Date.now),
    createDial: () => {
      throw new Error('nobody dials here');
    },
    now: Date.now,
    log,
  });
  endpoint = target;
  target.onSession = () => {
    throw new Error('nobody gets a session here');
  };
  await target.start();
  const client = createSocket('udp4');
  socket = client;
  client.on('message', (answer) => answers.push(answer));
  await new Promise<void>((resolve) => client.bind(0, '127.0.0.1', resolve));
  const { port } = target;
  return { send: (datagram) => client.send(datagram, port, '127.0.0.1'), answers, asked };
}

test('udp - 100,000 random datagrams leave nothing behind and get no answer', async () => {
  const { send, answers, asked } = await createTarget();
  const noise = randomBytes(64 * 1024);
  const flood = async (count: number): Promise<void> => {
    for (let sent = 0; sent < count; sent += 1) {
      const start = (sent * 61) % 60_000;
      send(noise.subarray(start, start + (sent % 1400)));
      if (sent % 100 === 0) await turn();
    }
    await sleep(20);
  };
  await flood(10_000);
  const before = usedMemory();
  await flood(100_000);
  expect(usedMemory() - before).toBeLessThan(8 * 1024 * 1024);
  expect([answers, asked]).toEqual([[], []]);
});

test('udp - no answer is longer than what asked for it, before the address has proven itself', async () => {
  const { send, answers, asked } = await createTarget();
  send(encodeHello(randomBytes(16)));
  send(encodeHello(randomBytes(16)).subarray(0, 60));
  send(Buffer.concat([encodeHello(randomBytes(16)), Buffer.alloc(1)]));
  await expect.poll(() => answers.length).toBe(1);
  expect(answers[0]?.length).toBeLessThan(HELLO_BYTES);
  send(encodeDialling(randomBytes(16), randomBytes(16), randomBytes(500)));
  await sleep(50);
  expect(answers).toHaveLength(1);
  expect(asked).toEqual([]);
});

test('udp - a proven address may have so many signatures checked, and no more', async () => {
  const { send, answers, asked } = await createTarget();
  const attempt = randomBytes(16);
  send(encodeHello(attempt));
  await expect.poll(() => answers.length).toBe(1);
  const answer = answers[0] && decodeHandshake(answers[0]);
  if (answer?.type !== 'cookie') throw new Error('no cookie came');
  for (let count = 0; count < 500; count += 1) {
    send(encodeDialling(attempt, answer.cookie, randomBytes(500)));
  }
  await sleep(100);
  expect(asked.length).toBeGreaterThanOrEqual(30);
  expect(asked.length).toBeLessThan(40);
});

test('udp - mutilated handshakes are passed over', async () => {
  const { send, answers, asked } = await createTarget();
  for (let length = 0; length < 200; length += 1) {
    for (let type = 0; type < 6; type += 1) {
      const body = Buffer.concat([MAGIC, Buffer.of(type), randomBytes(length)]);
      if (body.length !== HELLO_BYTES) send(body);
    }
    await turn();
  }
  await sleep(50);
  expect([answers, asked]).toEqual([[], []]);
});

test('source limit - counts by holder, and remembers a bounded number of them', () => {
  const limit = new SourceLimit();
  let taken = 0;
  for (let host = 0; host < 100; host += 1) {
    if (limit.take(`2001:db8:1:2::${host.toString(16)}`, 0)) taken += 1;
  }
  expect(taken).toBe(30);
  expect(limit.take('2001:db8:1:3::1', 0)).toBe(true);
  for (let source = 0; source < 5_000; source += 1)
    limit.take(`10.1.${source >> 8}.${source & 255}`, 0);
  expect(limit.take('2001:db8:1:2::1', 0)).toBe(true);
});

test('addresses - an IPv6 address is held by its /64', () => {
  expect(holderOf('192.0.2.1')).toBe('192.0.2.1');
  expect(holderOf('2001:db8::1')).toBe(holderOf('2001:db8:0:0:5:6:7:8'));
  expect(holderOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2');
  expect(holderOf('::1')).toBe('0:0:0:0');
});

function usedMemory(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
