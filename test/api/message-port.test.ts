import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ClientConnection } from '../../main/api/client-connection.ts';
import type { AnyEvent, ApiPeer } from '../../main/api/contract.ts';
import {
  serveMessagePort,
  type ServerPort,
} from '../../main/api/transports/message-port-server.ts';
import { createLog } from '../../main/base/log.ts';
import { notice } from './support/events.ts';
import { fakePeer } from './support/fake-peer.ts';

const log = createLog('silent');
const ADA = { name: 'Ada', downloads: '/d' };

/** A port as Electron gives it out: messages come as events with the value as `data`. */
function likeElectron(port: MessagePort): ServerPort {
  return {
    on: (event: 'message' | 'close', listener: (message: unknown) => void) =>
      port.on(event, (value: unknown) => listener({ data: value, ports: [] })),
    postMessage: (message) => port.postMessage(message),
    start: () => port.start(),
    close: () => port.close(),
  };
}

function start(peer: ApiPeer, shape: (port: MessagePort) => ServerPort) {
  const { port1, port2 } = new MessageChannel();
  const stop = serveMessagePort({ port: shape(port1), peer, log });
  onTestFinished(stop);
  const client = new ClientConnection({
    send: (text) => port2.postMessage(text),
    end: () => port2.close(),
  });
  port2.on('message', (text: string) => client.receive(text));
  port2.on('close', () => client.lost());
  return { client, stop, port: port2 };
}

describe.each([
  ["node's ports", (port: MessagePort) => port],
  ["Electron's ports", likeElectron],
])('message port - %s', (_name, shape) => {
  test('carry calls and events', async () => {
    const peer = fakePeer({ 'settings.get': async () => ADA });
    const { client } = start(peer, shape);
    const seen: AnyEvent[] = [];
    client.onEvent((event) => seen.push(event));
    expect(await client.call('settings.get', {})).toEqual(ADA);
    peer.emit(notice('hello'));
    await expect.poll(() => seen).toEqual([notice('hello')]);
  });

  test('end with either side, and calls end with them', async () => {
    let aborted = 0;
    const peer = fakePeer({
      'settings.get': (_params, signal) => {
        signal.addEventListener('abort', () => (aborted += 1));
        return new Promise(() => undefined);
      },
    });
    const first = start(peer, shape);
    first.client.onEvent(() => undefined);
    first.client.call('settings.get', {}).catch(() => undefined);
    await expect.poll(() => peer.listeners()).toBe(1);
    first.client.close();
    await expect.poll(() => aborted).toBe(1);
    expect(peer.listeners()).toBe(0);

    const second = start(peer, shape);
    const open = second.client.call('settings.get', {});
    second.stop();
    await expect(open).rejects.toMatchObject({ code: 'connection-lost' });
  });

  test('refuse what is no text with a sentence', async () => {
    for (const value of [42, null, { data: 1 }, new Uint8Array(3)]) {
      const { client, port } = start(fakePeer(), shape);
      port.postMessage(value);
      await expect(client.closed).rejects.toMatchObject({ code: 'bad-message' });
    }
  });
});
