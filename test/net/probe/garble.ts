/** Answers every datagram with several that are too short, too long or nonsense: `node garble.ts <address> <port>`. */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';

const [address, port] = process.argv.slice(2);
const socket = createSocket('udp4');
socket.on('message', (_, from) => {
  console.log('asked');
  const answer = (datagram: Uint8Array): void => socket.send(datagram, from.port, from.address);
  for (const length of [0, 1, 2, 9, 16, 1_200]) answer(randomBytes(length));
  // Those of NAT-PMP that are cut off, and one of a version that nobody knows.
  for (const length of [2, 5, 8, 9, 11]) answer(Buffer.from([0, 129, ...Buffer.alloc(length)]));
  answer(Buffer.from([7, 129, ...Buffer.alloc(14)]));
});
socket.bind(Number(port), address);
