import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Backoff } from '../../main/link/backoff.ts';
import { CONTROL_PROTOCOL, ControlChannel } from '../../main/link/control.ts';
import { planLegs } from '../../main/link/dialler.ts';
import { raceLegs, type Leg } from '../../main/link/dial-race.ts';
import { LinkError } from '../../main/link/errors.ts';
import { encodeFrame, readFrame } from '../../main/link/framing.ts';
import { settle } from '../../main/link/settle.ts';
import type { Way } from '../../main/identity/types.ts';
import type { Stream } from '../../main/link/types.ts';
import { codeOfRejection } from './links-support.ts';

const never = (): AbortSignal => new AbortController().signal;

test('backoff - doubles up to its maximum, with up to half taken off', () => {
  const whole = new Backoff({ random: () => 0 });
  expect([1, 2, 3, 4, 5, 6, 7, 8].map(() => whole.next())).toEqual([
    500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000,
  ]);
  const half = new Backoff({ random: () => 1 });
  expect(half.next()).toBe(250);
});

test('backoff - forgets failures only after the link was up for a minute', () => {
  const backoff = new Backoff({ random: () => 0 });
  backoff.exhaust();
  backoff.noteUp(0);
  backoff.noteDown(59_999);
  expect(backoff.next()).toBe(30_000);
  backoff.noteUp(100_000);
  backoff.noteDown(160_000);
  expect(backoff.next()).toBe(500);
});

test('settle - both sides keep the same one of two links, whatever comes first', () => {
  const [small, large] = ['A', 'B'];
  const held = (dialler: string): { id: string; dialler: string } => ({ id: dialler, dialler });
  const fresh = (dialler: string, replaces?: string) => ({ dialler, replaces });
  // Dials that crossed: neither hello names the other link.
  expect(settle(held(large), fresh(small), small)).toBe('fresh');
  expect(settle(held(small), fresh(large), large)).toBe('held');
  // The dialled side had the other link up already, gave it up and says so.
  expect(settle(held(small), fresh(large, small), large)).toBe('fresh');
  expect(settle(held(large), fresh(small, large), small)).toBe('fresh');
  // Who is dialled takes the new one: the dialler has none.
  expect(settle(held(small), fresh(large), small)).toBe('fresh');
  expect(settle(held(small), fresh(small), large)).toBe('fresh');
});

test('dial plan - UDP ways first, loopback last of them, NATS 300 ms later', () => {
  const udp = (host: string): Way => ({ kind: 'udp', host, port: 1 });
  const nats: Way = { kind: 'nats', server: 'nats://n', prefix: 'skerry' };
  const plan = (ways: Way[]) =>
    planLegs(ways, (way) => Object.assign(() => Promise.resolve(way), { way })).map(
      ({ startMs, run }) => [startMs, (run as unknown as { way: Way }).way],
    );
  const [loopback, one, two] = [udp('127.0.0.1'), udp('192.0.2.1'), udp('2001:db8::1')];
  expect(plan([nats, loopback, one, two])).toEqual([
    [0, one],
    [250, two],
    [300, nats],
    [500, loopback],
  ]);
  expect(plan([nats])).toEqual([[0, nats]]);
});

/** A leg that answers after so long, or fails. */
const leg = (startMs: number, takesMs: number, outcome: string | Error): Leg<string> => ({
  startMs,
  run: async (signal) => {
    await sleep(takesMs, undefined, { signal });
    if (typeof outcome !== 'string') throw outcome;
    return outcome;
  },
});

test('dial race - the first that finishes wins and the others are aborted', async () => {
  const aborted: unknown[] = [];
  const slow: Leg<string> = {
    startMs: 0,
    run: (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          aborted.push(signal.reason);
          reject(signal.reason as Error);
        });
      }),
  };
  expect(await raceLegs([slow, leg(10, 10, 'fast')], never())).toBe('fast');
  expect(aborted).toHaveLength(1);
});

test('dial race - when all that run have failed the next starts at once', async () => {
  const failure = new LinkError('no-answer', 'nothing');
  expect(await raceLegs([leg(0, 1, failure), leg(60_000, 1, 'second')], never())).toBe('second');
});

test('dial race - what the peer signed counts more than silence, and ends the race', async () => {
  const refusal = new LinkError('refused-busy', 'busy');
  const legs = [leg(0, 5, refusal), leg(1, 10_000, 'late'), leg(60_000, 1, 'later')];
  expect(await codeOfRejection(raceLegs(legs, never()))).toBe('refused-busy');
  const wrong = [
    leg(0, 1, new LinkError('no-answer', 'nothing')),
    leg(0, 5, new LinkError('wrong-peer', 'wrong')),
  ];
  expect(await codeOfRejection(raceLegs(wrong, never()))).toBe('wrong-peer');
  expect(await codeOfRejection(raceLegs([], never()))).toBe('no-answer');
});

test('dial race - only one leg at a time may finish, the next when that one failed', async () => {
  const order: string[] = [];
  const claiming = (name: string, fails: boolean): Leg<string> => ({
    startMs: 0,
    run: async (_signal, race) => {
      race.answered();
      await race.claim();
      order.push(name);
      await sleep(10);
      if (fails) throw new LinkError('no-answer', name);
      return name;
    },
  });
  const legs = [claiming('first', true), claiming('second', false), claiming('third', false)];
  expect(await raceLegs(legs, never())).toBe('second');
  expect(order).toEqual(['first', 'second']);
});

test('dial race - its signal ends it with the reason', async () => {
  const controller = new AbortController();
  const race = raceLegs([leg(0, 10_000, 'late')], controller.signal);
  controller.abort(new Error('not any more'));
  await expect(race).rejects.toThrow('not any more');
});

/** Reads from bytes, a few at a time. */
class Script {
  #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  read(target: Uint8Array): Promise<number> {
    const count = Math.min(target.length, this.#bytes.length, 3);
    this.#bytes.copy(target, 0, 0, count);
    this.#bytes = this.#bytes.subarray(count);
    return Promise.resolve(count);
  }
}

test('framing - messages of all sizes come out as they went in', async () => {
  for (const size of [0, 1, 60, 61, 62, 100, 16_380, 16_384, 20_000]) {
    const message = { text: 'x'.repeat(size) };
    const script = new Script(encodeFrame(message, 30_000));
    expect(await readFrame(script, 30_000)).toEqual(message);
    expect(await readFrame(script, 30_000)).toBeUndefined();
  }
});

test('framing - what is too long, cut off or no CBOR is refused', async () => {
  const bad = [
    Buffer.from('4fff', 'hex'), // more than is allowed
    Buffer.from('c0000000ffffffff', 'hex'), // a length of 8 bytes
    Buffer.from('05a1', 'hex'), // cut off
    Buffer.from('40', 'hex'),
    Buffer.from('01ff', 'hex'), // a break without a beginning
    Buffer.from('03a16161', 'hex'), // a map that ends early
    Buffer.concat([Buffer.from('43e8', 'hex'), Buffer.alloc(1000, 0x81)]), // nested a thousand deep
  ];
  for (const bytes of bad) {
    expect(await codeOfRejection(readFrame(new Script(bytes), 1_000))).toBe('stream-header');
  }
  expect(() => encodeFrame('x'.repeat(100), 50)).toThrow(LinkError);
});

function createControl(...messages: unknown[]): ControlChannel {
  const script = new Script(Buffer.concat(messages.map((message) => encodeFrame(message, 20_000))));
  const stream: Stream = {
    peer: '',
    protocol: CONTROL_PROTOCOL,
    header: {},
    read: (target) => script.read(target),
    write: () => Promise.resolve(),
    end: () => Promise.resolve(),
    abort: () => undefined,
  };
  return new ControlChannel(stream, () => 0);
}

const nobody = { onAnnouncement: () => undefined, onWays: () => undefined, onBye: () => undefined };

test('control - a hello is cleaned, and ways that nobody knows are passed over', async () => {
  const way: Way = { kind: 'udp', host: '192.0.2.1', port: 4711 };
  const hello = {
    type: 'hello',
    name: 'Ada\u202e\u0007',
    version: '1',
    ways: [{ kind: 'pigeon' }, way, { ...way, host: 'evil.example' }, { ...way, port: 0 }],
  };
  expect(await createControl(hello).readHello(never())).toMatchObject({ name: 'Ada', ways: [way] });
  const late = createControl({ type: 'announce', topic: 'x', body: 1 });
  expect(await codeOfRejection(late.readHello(never()))).toBe('link-protocol');
});

test('control - messages of types to come are passed over, malformed ones are not', async () => {
  await createControl({ type: 'later', what: 1 }, { type: 'bye', reason: 'x' }).readAll(nobody);
  for (const bad of [{ type: 'bye', reason: 'No Code' }, { type: 'announce' }, [1], 'hello']) {
    expect(await codeOfRejection(createControl(bad).readAll(nobody))).toBe('link-protocol');
  }
});

test('control - a peer that sends too much too fast is cut off', async () => {
  const flood = Array.from({ length: 501 }, () => ({ type: 'announce', topic: 't', body: null }));
  expect(await codeOfRejection(createControl(...flood).readAll(nobody))).toBe('link-protocol');
});
