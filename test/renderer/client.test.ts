import { expect, test } from 'vitest';
import type { AnyEvent } from '../../main/api/contract.ts';
import { Backoff } from '../../renderer/src/api/backoff.ts';
import { Client } from '../../renderer/src/api/client.ts';
import type { Transport } from '../../renderer/src/api/transport.ts';
import { status } from './support/samples.ts';

/** A transport whose other end is the test. */
function loopback(): { transport: Transport; sent: unknown[]; say: (message: object) => void } {
  const sent: unknown[] = [];
  const transport: Transport = {
    send: (text) => sent.push(JSON.parse(text)),
    close: () => transport.onClose?.(),
    onText: null,
    onClose: null,
  };
  return { transport, sent, say: (message) => transport.onText?.(JSON.stringify(message)) };
}

test('client - matches answers to calls in any order', async () => {
  const { transport, sent, say } = loopback();
  const client = new Client(transport);
  const first = client.call('contacts.list', {});
  const second = client.call('status.get', {});
  expect(sent).toEqual([
    { id: 1, call: 'contacts.list', params: {} },
    { id: 2, call: 'status.get', params: {} },
  ]);
  say({ id: 2, result: status() });
  say({ id: 1, result: [] });
  expect(await first).toEqual([]);
  expect((await second).name).toBe(status().name);
});

test('client - rejects with the code, the sentence and the hint of the peer', async () => {
  const { transport, say } = loopback();
  const call = new Client(transport).call('shares.remove', { id: 's1' });
  say({ id: 1, error: { code: 'not-shared', message: 'No such share.', hint: 'Look again.' } });
  await expect(call).rejects.toMatchObject({
    code: 'not-shared',
    message: 'No such share.',
    hint: 'Look again.',
  });
});

test('client - tells the peer when a call is given up, and ignores its answer', async () => {
  const { transport, sent, say } = loopback();
  const client = new Client(transport);
  const stop = new AbortController();
  const call = client.call('contacts.list', {}, { signal: stop.signal });
  stop.abort();
  await expect(call).rejects.toMatchObject({ name: 'AbortError' });
  expect(sent.at(-1)).toEqual({ id: 1, abort: true });
  say({ id: 1, result: [] });
  await expect(client.call('status.get', {}, { signal: stop.signal })).rejects.toMatchObject({
    name: 'AbortError',
  });
  expect(sent).toHaveLength(2);
});

test('client - subscribes once, and its listeners can leave', () => {
  const { transport, sent, say } = loopback();
  const client = new Client(transport);
  const heard: AnyEvent[] = [];
  const leave = client.onEvent((event) => heard.push(event));
  client.onEvent(() => undefined);
  expect(sent).toEqual([{ subscribe: true }]);
  say({ event: 'share', subject: 's1', data: null });
  leave();
  say({ event: 'share', subject: 's2', data: null });
  expect(heard).toEqual([{ event: 'share', subject: 's1', data: null }]);
});

test('client - rejects what is open and what comes later when the connection is gone', async () => {
  const { transport } = loopback();
  const client = new Client(transport);
  const open = client.call('status.get', {});
  client.close();
  await expect(open).rejects.toMatchObject({ code: 'connection-lost' });
  await expect(client.call('status.get', {})).rejects.toMatchObject({ code: 'connection-lost' });
  await expect(client.closed).resolves.toBeUndefined();
});

test('backoff - doubles up to its limit, with jitter, until it is reset', () => {
  const longest = new Backoff(300, 5000, () => 1);
  expect([1, 2, 3, 4, 5, 6].map(() => longest.next())).toEqual([300, 600, 1200, 2400, 4800, 5000]);
  longest.reset();
  expect(longest.next()).toBe(300);
  expect(new Backoff(300, 5000, () => 0).next()).toBe(150);
});
