import { describe, expect, test } from 'vitest';
import type { AnyEvent, ErrorInfo, Handlers } from '../../main/api/contract.ts';
import { MAX_CALLS_IN_FLIGHT, MAX_MESSAGE_BYTES } from '../../main/api/limits.ts';
import { ApiSession } from '../../main/api/session.ts';
import { createLog } from '../../main/base/log.ts';
import { doneOf, KEY, notice, progress } from './support/events.ts';
import { fakePeer } from './support/fake-peer.ts';

interface Said {
  id?: number;
  result?: unknown;
  error?: ErrorInfo;
  event?: string;
}

const ADA = { name: 'Ada', downloads: '/d' };

function start(overrides: Partial<Handlers> = {}) {
  const peer = fakePeer(overrides);
  const said: Said[] = [];
  const outlet = { room: Infinity, ended: 0 };
  const session = new ApiSession({
    peer,
    log: createLog('silent'),
    outlet: {
      send: (text) => said.push(JSON.parse(text) as Said) < outlet.room,
      end: () => (outlet.ended += 1),
    },
  });
  const say = (message: unknown): void => session.receive(JSON.stringify(message));
  const answer = (id: number) =>
    expect.poll(() => said.find((message) => message.id === id), { interval: 1 });
  return { peer, session, said, say, answer, outlet };
}

/** A handler that never ends by itself, and what it saw. */
function endless() {
  const seen = { started: 0, aborted: 0 };
  const handler: Handlers['settings.get'] = (_params, signal) => {
    seen.started += 1;
    return new Promise((_, reject) =>
      signal.addEventListener('abort', () => {
        seen.aborted += 1;
        reject(signal.reason);
      }),
    );
  };
  return { seen, handler };
}

describe('api session - calls', () => {
  test('a call is answered under its id, with the defaults of its parameters filled in', async () => {
    const seen: unknown[] = [];
    const { say, answer } = start({
      'offers.browse': async (params) => {
        seen.push(params);
        return { entries: [], next: null };
      },
    });
    say({ id: 7, call: 'offers.browse', params: { peer: KEY, share: 's', more: 1 } });
    await answer(7).toEqual({ id: 7, result: { entries: [], next: null } });
    expect(seen).toEqual([{ peer: KEY, share: 's', path: '', limit: 200 }]);
  });

  test('an unknown call is refused and the nearest one is named', async () => {
    const { say, answer } = start();
    say({ id: 1, call: 'share.list', params: {} });
    await answer(1).toMatchObject({
      error: { code: 'unknown-call', message: expect.stringContaining('"shares.list"') as string },
    });
    for (const [id, call] of ['constructor', '__proto__', 'toString', ''].entries()) {
      say({ id: id + 2, call, params: {} });
      await answer(id + 2).toMatchObject({ error: { code: 'unknown-call' } });
    }
  });

  test('a bad parameter is refused before the handler, and named', async () => {
    let reached = 0;
    const { say, answer } = start({
      'shares.add': () => Promise.reject(new Error(String((reached += 1)))),
      'settings.set': () => Promise.reject(new Error(String((reached += 1)))),
    });
    const cases: [string, unknown, string][] = [
      ['shares.add', {}, '"path"'],
      ['shares.add', { path: '/x', audience: [KEY, 'me'] }, '"audience'],
      ['settings.set', { name: '' }, '"name"'],
      ['settings.set', [], 'The parameters'],
      ['settings.set', 'text', 'The parameters'],
    ];
    for (const [id, [call, params, field]] of cases.entries()) {
      say({ id, call, params });
      await answer(id).toMatchObject({
        error: { code: 'bad-params', message: expect.stringContaining(field) as string },
      });
    }
    expect(reached).toBe(0);
  });

  test("an error for people keeps its code and hint, any other tells the caller nothing of the peer's inside", async () => {
    const { say, said, answer } = start({
      'settings.get': () => Promise.reject(new Error('ENOENT /home/ada/.secret')),
      'links.list': () => {
        throw new TypeError('sync and unexpected');
      },
    });
    say({ id: 1, call: 'contacts.list', params: {} });
    await answer(1).toMatchObject({ error: { code: 'not-here', hint: 'Give its handler.' } });
    say({ id: 2, call: 'settings.get', params: {} });
    await answer(2).toMatchObject({ error: { code: 'internal' } });
    say({ id: 3, call: 'links.list', params: {} });
    await answer(3).toMatchObject({ error: { code: 'internal' } });
    expect(JSON.stringify(said)).not.toContain('secret');
  });

  test('an abort stops the handler and is answered once', async () => {
    const { seen, handler } = endless();
    const { say, said, answer } = start({ 'settings.get': handler });
    say({ id: 1, call: 'settings.get', params: {} });
    say({ id: 1, abort: true });
    say({ id: 1, abort: true });
    say({ id: 99, abort: true });
    await answer(1).toMatchObject({ error: { code: 'aborted' } });
    await expect.poll(() => seen.aborted).toBe(1);
    expect(said).toHaveLength(1);
  });

  test('calls past the limit are refused until others end', async () => {
    const release: PromiseWithResolvers<typeof ADA> = Promise.withResolvers();
    const { say, said, answer } = start({ 'settings.get': () => release.promise });
    for (let id = 0; id <= MAX_CALLS_IN_FLIGHT; id += 1) {
      say({ id, call: 'settings.get', params: {} });
    }
    await answer(MAX_CALLS_IN_FLIGHT).toMatchObject({ error: { code: 'too-many-calls' } });
    expect(said).toHaveLength(1);
    release.resolve(ADA);
    await expect.poll(() => said.length).toBe(MAX_CALLS_IN_FLIGHT + 1);
    say({ id: 1000, call: 'settings.get', params: {} });
    await answer(1000).toMatchObject({ result: ADA });
  });

  test('a call whose handler ignores its abort still counts until it ends', async () => {
    const release: PromiseWithResolvers<typeof ADA> = Promise.withResolvers();
    const { say, said, answer } = start({ 'settings.get': () => release.promise });
    for (let id = 0; id < MAX_CALLS_IN_FLIGHT; id += 1) {
      say({ id, call: 'settings.get', params: {} });
      say({ id, abort: true });
    }
    say({ id: 100, call: 'settings.get', params: {} });
    await answer(100).toMatchObject({ error: { code: 'too-many-calls' } });
    release.resolve(ADA);
    await release.promise;
    await new Promise(setImmediate);
    expect(said).toHaveLength(MAX_CALLS_IN_FLIGHT + 1);
  });

  test('the end of the connection aborts what runs, and nothing is said after it', async () => {
    const { seen, handler } = endless();
    const { session, say, said, peer } = start({ 'settings.get': handler });
    say({ subscribe: true });
    say({ id: 1, call: 'settings.get', params: {} });
    expect(peer.listeners()).toBe(1);
    session.close();
    await expect.poll(() => seen.aborted).toBe(1);
    expect(peer.listeners()).toBe(0);
    say({ id: 2, call: 'settings.get', params: {} });
    peer.emit(notice('late'));
    expect({ said, started: seen.started }).toEqual({ said: [], started: 1 });
  });
});

describe('api session - messages', () => {
  test('a message that is no message ends the connection with a sentence', () => {
    const bad: [string, string][] = [
      ['{', 'bad-message'],
      ['', 'bad-message'],
      ['null', 'bad-message'],
      ['[]', 'bad-message'],
      ['{"subscribe":false}', 'bad-message'],
      ['{"id":1.5,"call":"status.get"}', 'bad-message'],
      ['{"id":-2,"call":"status.get"}', 'bad-message'],
      ['{"id":"1","call":"status.get"}', 'bad-message'],
      ['['.repeat(100_000), 'bad-message'],
      [JSON.stringify('é'.repeat(MAX_MESSAGE_BYTES / 2)), 'message-too-large'],
    ];
    for (const [text, code] of bad) {
      const { session, said, outlet } = start();
      session.receive(text);
      expect({ text: text.slice(0, 40), said, ended: outlet.ended }).toMatchObject({
        said: [{ id: -1, error: { code } }],
        ended: 1,
      });
    }
  });

  test('a misshapen message with an id is answered under it and the connection lives on', async () => {
    const { say, answer, outlet } = start({ 'settings.get': async () => ADA });
    say({ id: 3, call: 'settings.get' });
    await answer(3).toMatchObject({ error: { code: 'bad-message' } });
    say({ id: 4, call: 5, params: {} });
    await answer(4).toMatchObject({ error: { code: 'bad-message' } });
    say({ id: 5, call: 'settings.get', params: {} });
    await answer(5).toMatchObject({ result: ADA });
    expect(outlet.ended).toBe(0);
  });

  test('an id that is still in use ends the connection', () => {
    const { say, said, outlet } = start({ 'settings.get': endless().handler });
    say({ id: 1, call: 'settings.get', params: {} });
    say({ id: 1, call: 'settings.get', params: {} });
    expect(said).toMatchObject([{ id: -1, error: { code: 'bad-message' } }]);
    expect(outlet.ended).toBe(1);
  });
});

describe('api session - events', () => {
  test('nothing is sent before the subscription, and a second subscription changes nothing', () => {
    const { peer, say, said } = start();
    peer.emit(notice('early'));
    say({ subscribe: true });
    say({ subscribe: true });
    peer.emit(notice('now'));
    expect(said).toEqual([notice('now')]);
    expect(peer.listeners()).toBe(1);
  });

  test('a client that reads too slowly gets answers and events when it has read', async () => {
    const { peer, session, say, said, outlet } = start({ 'settings.get': async () => ADA });
    say({ subscribe: true });
    outlet.room = 1;
    peer.emit(progress('t', 1));
    for (let id = 0; id < 10; id += 1) say({ id, call: 'settings.get', params: {} });
    for (let done = 2; done < 1000; done += 1) peer.emit(progress('t', done));
    peer.emit(notice('still there'));
    await new Promise(setImmediate);
    expect(said).toHaveLength(1);
    outlet.room = Infinity;
    session.drained();
    expect(said.filter((message) => message.id !== undefined)).toHaveLength(10);
    await expect.poll(() => said.map((m) => doneOf(m as AnyEvent))).toContain(999);
    expect(said).toHaveLength(13);
  });

  test('answers that nobody reads count as calls under way', async () => {
    const { say, said, outlet, session } = start({ 'settings.get': async () => ADA });
    outlet.room = 1;
    for (let id = 0; id < 200; id += 1) {
      say({ id, call: 'settings.get', params: {} });
      await Promise.resolve();
    }
    await new Promise(setImmediate);
    outlet.room = Infinity;
    session.drained();
    const refused = said.filter((m) => m.error?.code === 'too-many-calls');
    expect({ answered: said.length, refused: refused.length > 0 }).toEqual({
      answered: 200,
      refused: true,
    });
  });

  test('a client that does not read while thousands of subjects change is ended with too-slow', () => {
    const { peer, say, said, outlet } = start();
    say({ subscribe: true });
    outlet.room = 1;
    for (let i = 0; i < 20_000; i += 1) peer.emit(progress(`t${i}`, i));
    expect(said.at(-1)).toMatchObject({ id: -1, error: { code: 'too-slow' } });
    expect(outlet.ended).toBe(1);
    expect(peer.listeners()).toBe(0);
  });
});
