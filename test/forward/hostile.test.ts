/** A contact that means harm, with the streams of a real link in its hands. */
import type { Socket } from 'node:net';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { readFrame } from '../../main/link/framing.ts';
import type { Stream } from '../../main/link/types.ts';
import { createForwarder, eventually, link, stopForwarders } from './support/linked.ts';
import type { Forwarder } from './support/linked.ts';
import { Program } from './support/programs.ts';

const MIB = 1024 * 1024;

afterEach(() => stopForwarders());

async function exposed(onSocket: (socket: Socket) => void): Promise<{
  host: Forwarder;
  program: Program;
}> {
  const program = await Program.start(onSocket);
  onTestFinished(() => program.close());
  const host = await createForwarder('Host');
  host.forwarding.expose({ name: 'web', target: program.target, audience: 'everyone' });
  return { host, program };
}

async function guestOf(host: Forwarder): Promise<Forwarder> {
  const guest = await createForwarder('Guest');
  await link(host, guest);
  return guest;
}

function open(guest: Forwarder, host: Forwarder, header: Record<string, unknown>): Promise<Stream> {
  return guest.peer.links.openStream(host.peer.key, '/skerry/forward/1', { header });
}

/** Opens a stream to the service and reads the answer; the stream stays as it is. */
async function use(
  guest: Forwarder,
  host: Forwarder,
): Promise<{ stream: Stream; answer: unknown }> {
  const stream = await open(guest, host, { service: 'web' });
  return { stream, answer: await readFrame(stream, 256) };
}

const inUse = (host: Forwarder): number | undefined => host.forwarding.services()[0]?.connections;

describe('hostile', () => {
  test('hostile - the 65th connection of a contact is refused, and another contact is served', async () => {
    const { host } = await exposed(() => undefined);
    const [guest, other] = [await guestOf(host), await guestOf(host)];
    const uses = await Promise.all(Array.from({ length: 80 }, () => use(guest, host)));
    const answers = uses.map(({ answer }) => JSON.stringify(answer));
    expect(answers.filter((answer) => answer === '{"ok":true}')).toHaveLength(64);
    expect(answers.filter((answer) => answer === '{"refused":"busy"}')).toHaveLength(16);
    expect((await use(other, host)).answer).toEqual({ ok: true });
    for (const { stream } of uses) stream.abort();
    await eventually(() => expect(inUse(host)).toBe(1));
    expect((await use(guest, host)).answer).toEqual({ ok: true });
  });

  test('hostile - a service takes 256 connections of all contacts together', async () => {
    const { host } = await exposed(() => undefined);
    for (let contact = 0; contact < 4; contact += 1) {
      const guest = await guestOf(host);
      const uses = await Promise.all(Array.from({ length: 64 }, () => use(guest, host)));
      expect(uses.every(({ answer }) => JSON.stringify(answer) === '{"ok":true}')).toBe(true);
    }
    expect((await use(await guestOf(host), host)).answer).toEqual({ refused: 'busy' });
    expect(inUse(host)).toBe(256);
  });

  test('hostile - thousands of streams for what it may not have cost nothing that lasts', async () => {
    const { host, program } = await exposed(() => undefined);
    const guest = await guestOf(host);
    let refused = 0;
    for (let round = 0; round < 20; round += 1) {
      const streams = await Promise.all(
        Array.from({ length: 100 }, (_, index) => open(guest, host, { service: `no-${index}` })),
      );
      for (const stream of streams) {
        const answer = await readFrame(stream, 256);
        if (JSON.stringify(answer) === '{"refused":"not-exposed"}') refused += 1;
        await stream.end();
      }
    }
    expect(refused).toBe(2000);
    expect(program.sockets).toEqual([]);
    expect(host.logged.length).toBeLessThanOrEqual(20);
    expect((await use(guest, host)).answer).toEqual({ ok: true });
  });

  test('hostile - headers of nonsense are refused one by one, and the link stays', async () => {
    const { host } = await exposed(() => undefined);
    const guest = await guestOf(host);
    const headers: Record<string, unknown>[] = [
      {},
      { service: 7 },
      { service: ['web'] },
      { service: 'WEB' },
      { service: '../web' },
      { service: 'w'.repeat(3500) },
      { service: Buffer.from('web') },
      { services: 'web', junk: 'x'.repeat(3000) },
    ];
    for (const header of headers) {
      const stream = await open(guest, host, header);
      expect(await readFrame(stream, 256)).toEqual({ refused: 'bad-request' });
      await stream.end();
    }
    await expect(open(guest, host, { service: 'w'.repeat(5000) })).rejects.toMatchObject({
      code: 'stream-header',
    });
    expect((await use(guest, host)).answer).toEqual({ ok: true });
    expect(guest.peer.events).toEqual(expect.not.arrayContaining(['down']));
  });

  test('hostile - a contact that never reads holds back the program, not the host', async () => {
    let written = 0;
    const { host, program } = await exposed((socket) => {
      const block = Buffer.alloc(64 * 1024);
      const fill = (): void => {
        while (!socket.destroyed && socket.write(block)) written += block.length;
      };
      socket.on('drain', fill);
      fill();
    });
    const guest = await guestOf(host);
    await Promise.all(Array.from({ length: 64 }, () => use(guest, host)));
    let before = 0;
    let since = Date.now();
    await eventually(() => {
      if (written > before) since = Date.now();
      before = written;
      expect(Date.now() - since).toBeGreaterThan(300);
    });
    // Taken from the programs, and not yet in the kernel's buffers of theirs or on the link: the link's windows.
    const unsent = program.sockets.reduce((sum, socket) => sum + socket.writableLength, 0);
    expect(unsent).toBeGreaterThan(0);
    const other = await guestOf(host);
    const { stream, answer } = await use(other, host);
    expect(answer).toEqual({ ok: true });
    const target = Buffer.alloc(64 * 1024);
    let read = 0;
    while (read < 4 * MIB) read += await stream.read(target);
    expect(read).toBeGreaterThanOrEqual(4 * MIB);
  });

  test('hostile - announcements of nonsense change nothing', async () => {
    const { host } = await exposed(() => undefined);
    const guest = await guestOf(host);
    const known = () => host.forwarding.remoteServices().map(({ name }) => name);
    const announce = (body: unknown) => guest.peer.links.announce(host.peer.key, 'services', body);
    announce({ services: ['good'] });
    await eventually(() => expect(known()).toEqual(['good']));
    for (const body of [
      null,
      7,
      { services: 'x' },
      { services: ['<img src=x>'] },
      { services: Array.from({ length: 129 }, (_, index) => `s${index}`) },
    ]) {
      announce(body);
    }
    announce({ services: ['good', 'last', 'last'] });
    await eventually(() => expect(known()).toEqual(['good', 'last']));
  });
});
