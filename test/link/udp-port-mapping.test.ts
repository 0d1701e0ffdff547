import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { routersOfNetstat, routersOfProc } from '../../main/link/udp/default-router.ts';
import type { MappingAnswer, MappingTask } from '../../main/link/udp/mapping-task.ts';
import { PortMapping } from '../../main/link/udp/port-mapping.ts';
import { log } from './links-support.ts';

const MINUTE = 60_000;
const MAPPED: MappingAnswer = {
  result: 'mapped',
  host: '203.0.113.7',
  port: 5000,
  to: '10.1.0.2',
  by: { protocol: 'NAT-PMP', router: '10.1.0.1' },
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A mapping whose router is a list of answers, the last one for good. `hang`: it says nothing. */
function create(...answers: (MappingAnswer | Error | 'hang')[]): {
  mapping: PortMapping;
  asked: MappingTask[];
  addresses: string[];
} {
  const asked: MappingTask[] = [];
  const addresses = ['10.1.0.2'];
  const mapping = new PortMapping({
    port: 4711,
    now: Date.now,
    log,
    addresses: () => addresses,
    ask: (task, signal) => {
      asked.push(task);
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer instanceof Error) return Promise.reject(answer);
      if (answer !== undefined && answer !== 'hang') return Promise.resolve(answer);
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    },
  });
  mapping.start();
  return { mapping, asked, addresses };
}

test('port mapping - is renewed before it ends, and taken back in the end', async () => {
  const { mapping, asked } = create(MAPPED);
  expect(mapping.way()).toBeUndefined();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(mapping.way()).toEqual({ kind: 'udp', host: '203.0.113.7', port: 5000 });
  await vi.advanceTimersByTimeAsync(60 * MINUTE);
  expect(asked).toEqual(Array.from({ length: 4 }, () => ({ type: 'map', port: 4711 })));
  await mapping.stop();
  const by = { protocol: 'NAT-PMP', router: '10.1.0.1' };
  expect(asked.at(-1)).toEqual({ type: 'unmap', port: 4711, outsidePort: 5000, by });
  expect([mapping.way(), vi.getTimerCount()]).toEqual([undefined, 0]);
});

test('port mapping - one that cannot be renewed is good until it ends', async () => {
  const { mapping } = create(MAPPED, new Error('broken'));
  await vi.advanceTimersByTimeAsync(59 * MINUTE);
  expect(mapping.state.state).toBe('mapped');
  await vi.advanceTimersByTimeAsync(17 * MINUTE);
  expect(mapping.state.state).toBe('no-router');
  await mapping.stop();
});

test('port mapping - a router that was silent is asked again, less and less often', async () => {
  const { mapping, asked } = create({ result: 'no-router' });
  await vi.advanceTimersByTimeAsync(60 * MINUTE);
  expect(asked.length).toBeGreaterThan(4);
  expect(asked.length).toBeLessThan(10);
  await mapping.stop();
});

test('port mapping - in another network the router there is asked at once', async () => {
  const { mapping, asked, addresses } = create(MAPPED, 'hang', { ...MAPPED, to: '10.9.0.2' });
  await vi.advanceTimersByTimeAsync(2_000);
  addresses[0] = '10.9.0.2';
  mapping.again();
  expect(mapping.way()).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect(asked).toHaveLength(2);
  mapping.again();
  await vi.advanceTimersByTimeAsync(1);
  expect(mapping.state.state).toBe('mapped');
  await mapping.stop();
});

test('port mapping - what a router says is no way unless others can use it', async () => {
  for (const change of [
    { host: '10.0.0.1' },
    { host: '100.64.3.4' },
    { host: '127.0.0.1' },
    { host: '0.0.0.0' },
    { host: 'example.com' },
    { host: '' },
    { host: '203.0.113.7:1' },
    { port: 0 },
    { port: 65_536 },
    { port: Number.NaN },
  ]) {
    const { mapping } = create({ ...MAPPED, ...change });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(mapping.way()).toBeUndefined();
    expect(['private', 'refused']).toContain(mapping.state.state);
    await mapping.stop();
  }
});

test('port mapping - what a router refuses with is made fit for people', async () => {
  const { mapping } = create({ result: 'refused', reason: `\u001b[31m\n${'x'.repeat(10_000)}` });
  await vi.advanceTimersByTimeAsync(2_000);
  const { state } = mapping;
  if (state.state !== 'refused') throw new Error(state.state);
  expect(state.reason).toMatch(/^[ -~]{1,200}$/);
  await mapping.stop();
});

test('port mapping - a public address needs none, and nothing is asked', async () => {
  const { mapping, asked, addresses } = create(MAPPED);
  addresses.push('198.51.100.4');
  await vi.advanceTimersByTimeAsync(30 * MINUTE);
  expect([mapping.state.state, asked]).toEqual(['not-needed', []]);
  await mapping.stop();
});

test('port mapping - a router that says nothing holds up no stop', async () => {
  vi.useRealTimers();
  const { mapping, asked } = create(MAPPED, 'hang');
  await expect.poll(() => mapping.state.state, { timeout: 5_000 }).toBe('mapped');
  mapping.again();
  await expect.poll(() => asked.length).toBe(2);
  await mapping.stop();
  expect(asked.at(-1)?.type).toBe('unmap');
});

test('default router - is read from what Linux, macOS and Windows say', () => {
  const proc = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
wlan0	00000000	0101A8C0	0003	0	0	600	00000000	0	0	0
tun0	00000000	00000000	0001	0	0	50	00000000	0	0	0
eth0	00000000	FE01000A	0003	0	0	100	00000000	0	0	0
eth0	0001000A	00000000	0001	0	0	100	00FFFFFF	0	0	0
`;
  expect(routersOfProc(proc)).toEqual(['10.0.1.254', '192.168.1.1']);
  const macos = `Routing tables

Internet:
Destination        Gateway            Flags               Netif Expire
default            192.168.1.1        UGScg                 en0
default            link#17            UCSIg           bridge100
127                127.0.0.1          UCS                   lo0

Internet6:
default                                 fe80::%utun0                            UGcIg               utun0
`;
  expect(routersOfNetstat(macos)).toEqual(['192.168.1.1']);
  const windows = `
IPv4-Routentabelle
===========================================================================
Aktive Routen:
     Netzwerkziel    Netzwerkmaske          Gateway    Schnittstelle Metrik
          0.0.0.0          0.0.0.0      192.168.2.1     192.168.2.30     25
        127.0.0.0        255.0.0.0   Auf Verbindung         127.0.0.1    331
`;
  expect(routersOfNetstat(windows)).toEqual(['192.168.2.1']);
  expect([routersOfProc(''), routersOfNetstat('default garbage\n')]).toEqual([[], []]);
});
