import { randomBytes } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createCookieJar } from '../../main/link/session/cookie.ts';
import { StunClient, type StunClientOptions } from '../../main/link/udp/stun-client.ts';
import { decodeBindingAnswer, encodeBindingRequest } from '../../main/link/udp/stun.ts';
import { createUdpEndpoint, type UdpEndpoint } from '../../main/link/udp/udp-endpoint.ts';
import { log } from './links-support.ts';
import { bindingAnswer, startStunResponder } from './stun-responder.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

/** RFC 5769 section 2.2. */
const IPV4_ANSWER = hex(`0101003c 2112a442 b7e7a701bc34d686fa87dfae
  8022000b 7465737420766563746f7220 00200008 0001a147e112a643
  00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7 80280004 c07d4c96`);
/** RFC 5769 section 2.3. */
const IPV6_ANSWER = hex(`01010048 2112a442 b7e7a701bc34d686fa87dfae
  8022000b 7465737420766563746f7220 00200014 0002a1470113a9faa5d3f179bc25f4b5bed2b9d9
  00080014 a382954e4be67bf11784c97c8292c275bfe3ed41 80280004 c8fb0b4c`);
const TRANSACTION = hex('b7e7a701bc34d686fa87dfae');

describe('stun - bytes', () => {
  test('the answers of RFC 5769 are read', () => {
    expect(decodeBindingAnswer(IPV4_ANSWER)).toEqual({
      transaction: TRANSACTION,
      mapped: { host: '192.0.2.1', port: 32853 },
    });
    expect(decodeBindingAnswer(IPV6_ANSWER)).toEqual({
      transaction: TRANSACTION,
      mapped: { host: '2001:db8:1234:5678:11:2233:4455:6677', port: 32853 },
    });
  });

  test('a request is the header alone', () => {
    expect(encodeBindingRequest(TRANSACTION)).toEqual(
      hex('00010000 2112a442 b7e7a701bc34d686fa87dfae'),
    );
  });

  test('an answer of which a byte is missing is none, and one wrong bit never makes another address', () => {
    for (const answer of [IPV4_ANSWER, IPV6_ANSWER]) {
      const good = decodeBindingAnswer(answer)?.mapped;
      for (let length = 0; length < answer.length; length += 1) {
        expect(decodeBindingAnswer(answer.subarray(0, length))).toBeUndefined();
      }
      for (let bit = 0; bit < answer.length * 8; bit += 1) {
        const wrong = Buffer.from(answer);
        wrong.writeUInt8(wrong.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        expect([undefined, good]).toContainEqual(decodeBindingAnswer(wrong)?.mapped);
      }
    }
  });

  test('random bytes behind a good header are no address, and throw nothing', () => {
    const header = hex('01010000 2112a442 b7e7a701bc34d686fa87dfae');
    for (let count = 0; count < 5_000; count += 1) {
      const message = Buffer.concat([header, randomBytes((count % 20) * 4)]);
      message.writeUInt16BE(message.length - 20, 2);
      const answer = decodeBindingAnswer(message);
      expect(answer === undefined || answer.mapped !== undefined).toBe(true);
    }
  });

  test('an answer that wants something unknown to be understood is none, nor is a huge one', () => {
    const plain = bindingAnswer(IPV4_ANSWER.subarray(4, 20), '192.0.2.1', 5000);
    expect(decodeBindingAnswer(plain)?.mapped).toEqual({ host: '192.0.2.1', port: 5000 });
    const withMore = (attribute: Buffer): Buffer => {
      const message = Buffer.concat([plain, attribute]);
      message.writeUInt16BE(message.length - 20, 2);
      return message;
    };
    expect(decodeBindingAnswer(withMore(hex('80ff0000')))?.mapped).toBeDefined();
    expect(decodeBindingAnswer(withMore(hex('00ff0000')))).toBeUndefined();
    const huge = Buffer.concat([hex('80ffea60'), Buffer.alloc(60_000)]);
    expect(decodeBindingAnswer(withMore(huge))).toBeUndefined();
  });

  test('a refusal tells its code', () => {
    const refusal = hex('01110008 2112a442 b7e7a701bc34d686fa87dfae 00090004 00000414');
    expect(decodeBindingAnswer(refusal)).toEqual({ transaction: TRANSACTION, code: 420 });
  });
});

describe('stun - client', () => {
  afterEach(() => void vi.useRealTimers());

  const SERVER = { address: '198.51.100.1', port: 3478 } as RemoteInfo;

  /** A client on a port that is a list. */
  function create(change: Partial<StunClientOptions> = {}) {
    vi.useFakeTimers();
    const sent: { datagram: Buffer; host: string; port: number; at: number }[] = [];
    const seen: string[] = [];
    const begun = Date.now();
    const client = new StunClient({
      servers: ['stun.example.com:3478'],
      send: (datagram, host, port) =>
        sent.push({ datagram: Buffer.from(datagram), host, port, at: Date.now() - begun }),
      canReach: () => true,
      onSeen: (address) => seen.push(address),
      resolve: () => Promise.resolve([SERVER.address]),
      log,
      ...change,
    });
    client.start();
    /** The last request, answered with an address. */
    const answer = (host = '203.0.113.7', port = 5000): Buffer =>
      bindingAnswer((sent.at(-1)?.datagram ?? Buffer.alloc(20)).subarray(4, 20), host, port);
    return { client, sent, seen, answer };
  }

  test('asks again with the pauses of RFC 8489, and gives up after 39.5 s', async () => {
    const { client, sent } = create();
    await vi.advanceTimersByTimeAsync(39_400);
    expect(sent.map(({ at }) => at)).toEqual([0, 500, 1_500, 3_500, 7_500, 15_500, 31_500]);
    expect(new Set(sent.map(({ datagram }) => datagram.toString('hex'))).size).toBe(1);
    expect(client.status()[0]?.state).toBe('asking');
    await vi.advanceTimersByTimeAsync(200);
    expect(client.status()[0]?.state).toBe('silent');
    client.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('behind a NAT asks every 25 s, each time under another id', async () => {
    const { client, sent, seen, answer } = create();
    for (let round = 1; round <= 4; round += 1) {
      await vi.advanceTimersByTimeAsync(round === 1 ? 0 : 25_000);
      expect(sent).toHaveLength(round);
      expect(client.receive(answer(), SERVER)).toBe(true);
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(new Set(sent.map(({ datagram }) => datagram.toString('hex'))).size).toBe(4);
    expect(seen).toEqual(Array.from({ length: 4 }, () => '203.0.113.7:5000'));
    const server = 'stun.example.com:3478';
    expect(client.status()).toEqual([{ server, state: 'answers', seenAs: ['203.0.113.7:5000'] }]);
    client.stop();
  });

  test('asks seldom where there is no NAT, and less and less where nobody answers', async () => {
    const here = create();
    await vi.advanceTimersByTimeAsync(0);
    here.client.receive(here.answer('127.0.0.1'), SERVER);
    await vi.advanceTimersByTimeAsync(4 * 60_000);
    expect(here.sent).toHaveLength(1);
    here.client.stop();

    const nowhere = create();
    await vi.advanceTimersByTimeAsync(60 * 60_000);
    expect(nowhere.sent.length / 7).toBeLessThan(16);
    nowhere.client.stop();
  });

  test('hears nobody but whom it has asked, and only what was asked', async () => {
    const { client, seen, answer } = create();
    await vi.advanceTimersByTimeAsync(0);
    const good = answer();
    const garbled = Buffer.concat([good, randomBytes(3)]);
    const otherId = Buffer.from(good);
    otherId.writeUInt8(otherId.readUInt8(19) ^ 1, 19);
    const otherFamily = answer('2001:db8::7');
    const huge = Buffer.concat([good, Buffer.alloc(60_000)]);
    for (const datagram of [garbled, otherId, otherFamily, answer('203.0.113.7', 0), huge]) {
      expect(client.receive(datagram, SERVER)).toBe(true);
    }
    expect(client.receive(good, { ...SERVER, address: '198.51.100.2' })).toBe(false);
    expect(client.receive(good, { ...SERVER, port: 3479 })).toBe(false);
    expect(client.receive(randomBytes(100), SERVER)).toBe(false);
    expect(seen).toEqual([]);
    expect(client.receive(good, SERVER)).toBe(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(client.receive(good, SERVER)).toBe(false);
    expect(seen).toEqual(['203.0.113.7:5000']);
    client.stop();
  });

  test('asks one address of each family, and only of those that the port has', async () => {
    const hosts = ['2001:db8::1', '198.51.100.1', '198.51.100.2', '2001:db8::2'];
    const both = create({ resolve: () => Promise.resolve(hosts) });
    await vi.advanceTimersByTimeAsync(0);
    expect(both.sent.map(({ host }) => host)).toEqual(['198.51.100.1', '2001:db8::1']);
    both.client.stop();
    const one = create({
      resolve: () => Promise.resolve(hosts),
      canReach: (host) => !host.includes(':'),
    });
    await vi.advanceTimersByTimeAsync(0);
    expect(one.sent.map(({ host }) => host)).toEqual(['198.51.100.1']);
    one.client.stop();
  });

  test('a name that is not found is tried again, and in another network at once', async () => {
    let isThere = false;
    const { client, sent } = create({
      resolve: (host) => {
        expect(host).toBe('stun.example.com');
        return isThere ? Promise.resolve([SERVER.address]) : Promise.reject(new Error('no'));
      },
    });
    await vi.advanceTimersByTimeAsync(1_000);
    expect([client.status()[0]?.state, sent]).toEqual(['unknown-name', []]);
    isThere = true;
    client.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toHaveLength(1);
    client.stop();
  });
});

describe('stun - udp endpoint', () => {
  let endpoint: UdpEndpoint | undefined;
  let silent: Socket | undefined;
  const responders: { close(): Promise<void> }[] = [];

  afterEach(async () => {
    await endpoint?.close();
    silent?.close();
    await Promise.all(responders.splice(0).map((one) => one.close()));
    [endpoint, silent] = [undefined, undefined];
  });

  async function start(stun: string[], host?: string): Promise<UdpEndpoint> {
    const made = createUdpEndpoint({
      port: 0,
      ...(host !== undefined && { host }),
      admission: { answer: () => ({ reply: null }) },
      cookies: createCookieJar(randomBytes(32), Date.now),
      createDial: () => {
        throw new Error('nobody dials here');
      },
      now: Date.now,
      log,
      stun,
    });
    endpoint = made;
    await made.start();
    return made;
  }

  test('learns from servers how its own port is seen, by name and in both families', async () => {
    const v4 = await startStunResponder('127.0.0.1');
    const v6 = await startStunResponder('::1');
    responders.push(v4, v6);
    const { port } = await start([`localhost:${v4.port}`, `[::1]:${v6.port}`]);
    await expect
      .poll(() => endpoint?.outside().stun.map(({ seenAs }) => seenAs[0]))
      .toEqual([`127.0.0.1:${port}`, `[::1]:${port}`]);
  });

  test('an address that a server names becomes a way, and no more than one answer counts', async () => {
    silent = createSocket('udp4');
    silent.bind(0, '127.0.0.1');
    await once(silent, 'listening');
    const server = silent;
    server.on('message', (request, from) => {
      const send = (answer: Buffer): void => server.send(answer, from.port, from.address);
      const key = request.subarray(4, 20);
      const wrongKey = Buffer.concat([key.subarray(0, 4), randomBytes(12)]);
      send(bindingAnswer(wrongKey, '203.0.113.1', 1));
      send(Buffer.concat([request.subarray(0, 20), randomBytes(40)]));
      send(Buffer.concat([bindingAnswer(key, '203.0.113.2', 2), Buffer.alloc(60_000)]));
      send(bindingAnswer(key, '203.0.113.7', 5000));
      send(bindingAnswer(key, '203.0.113.3', 3));
    });
    const made = await start([`127.0.0.1:${server.address().port}`], '127.0.0.1');
    const way = { kind: 'udp', host: '203.0.113.7', port: 5000 };
    await expect.poll(() => made.ways()).toContainEqual(way);
    const hosts = made.ways().flatMap((one) => (one.kind === 'udp' ? one.host : []));
    expect(hosts.filter((host) => host.startsWith('203.'))).toEqual(['203.0.113.7']);
  });
});
