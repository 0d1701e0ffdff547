import { createSocket, type Socket } from 'node:dgram';
import { expect, test } from 'vitest';
import { beaconFromTxt, beaconToTxt } from '../../../main/link/discovery/txt.ts';
import { Room, until } from './support.ts';

/** Says things to the mDNS group of a room, on loopback. */
async function intruder(port: number): Promise<{ send: (packet: Buffer) => void; socket: Socket }> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  socket.setMulticastInterface('127.0.0.1');
  return { socket, send: (packet) => socket.send(packet, port, '224.0.0.251') };
}

const name = (...labels: string[]): Buffer =>
  Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label)])),
    Buffer.of(0),
  ]);
const record = (owner: Buffer, type: number, data: Buffer): Buffer => {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(120, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([owner, fixed, data]);
};
const response = (...records: Buffer[]): Buffer => {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(0x8400, 2);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, ...records]);
};
const TYPE = ['_skerry', '_udp', 'local'] as const;
const PTR = 12;
const TXT = 16;
const SRV = 33;

test('txt - a beacon of any length survives a TXT record', () => {
  for (const length of [1, 179, 180, 181, 500, 1000]) {
    const beacon = new Uint8Array(length).fill(7);
    const strings = Object.entries(beaconToTxt(beacon)).map(([key, value]) =>
      Buffer.from(`${key}=${value}`),
    );
    expect(strings.every((string) => string.length <= 255)).toBe(true);
    expect(beaconFromTxt(strings)).toEqual(beacon);
  }
});

test('txt - strange records hold no beacon', () => {
  for (const txt of [
    undefined,
    null,
    'b0=AA',
    [],
    [1],
    [{}],
    Array(20).fill(Buffer.from('b0=AA')),
  ]) {
    expect(beaconFromTxt(txt)).toBeUndefined();
  }
});

test('mdns - hostile packets neither end a peer nor hide the others', async () => {
  await using room = await Room.open(['mdns']);
  const ada = await room.enter();
  const { send, socket } = await intruder(room.mdnsPort);
  try {
    send(Buffer.alloc(0));
    send(Buffer.alloc(20, 255));
    send(response(record(name(...TYPE), PTR, Buffer.of(255, 255))));
    for (let count = 0; count < 50; count += 1) {
      const instance = name(`x${String(count)}`, ...TYPE);
      send(
        response(
          record(name(...TYPE), PTR, instance),
          record(instance, SRV, Buffer.concat([Buffer.alloc(6), name('x', 'local')])),
          record(instance, TXT, Buffer.concat([Buffer.of(5), Buffer.from('b0=!!')])),
        ),
      );
      send(response(record(name(...TYPE), PTR, name()), record(name(), TXT, Buffer.alloc(0))));
    }
    const bob = await room.enter();
    await until(() => ada.discovery.get(bob.identity.key) !== undefined, 'Bob');
    expect(ada.discovery.list()).toHaveLength(1);
  } finally {
    await new Promise<void>((resolve) => socket.close(() => resolve()));
  }
});

test('mdns - a goodbye that anybody may send makes nobody disappear', async () => {
  await using room = await Room.open(['mdns']);
  const ada = await room.enter();
  // Bob's own announcement, heard by whoever is in the group.
  const ear = createSocket({ type: 'udp4', reuseAddr: true });
  const { send, socket } = await intruder(room.mdnsPort);
  try {
    const heard = Promise.withResolvers<Buffer>();
    const start = name(...TYPE);
    ear.on('message', (packet) => {
      if (packet.indexOf(start) === 12 && packet.readUInt16BE(6) > 0) heard.resolve(packet);
    });
    await new Promise<void>((resolve) => ear.bind(room.mdnsPort, resolve));
    ear.addMembership('224.0.0.251', '127.0.0.1');
    const bob = await room.enter();
    await until(() => ada.discovery.get(bob.identity.key) !== undefined, 'Bob');
    const goodbye = Buffer.from(await heard.promise);
    expect(goodbye.readUInt32BE(12 + start.length + 4)).toBeGreaterThan(0);
    goodbye.writeUInt32BE(0, 12 + start.length + 4);
    send(goodbye);
    const eve = await room.enter();
    await until(() => ada.discovery.get(eve.identity.key) !== undefined, 'Eve');
    expect(ada.discovery.get(bob.identity.key)).toBeDefined();
  } finally {
    for (const open of [ear, socket]) {
      await new Promise<void>((resolve) => open.close(() => resolve()));
    }
  }
});
