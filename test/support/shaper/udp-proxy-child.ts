/**
 * The process of udp-proxy.ts: datagrams for the near port go to the far address, its answers back to whoever sent
 * last, both ways under the conditions given. `<conditions as JSON> <seed> <far port>`; IPv4 on loopback.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { decodeConditions } from './conditions.ts';
import { TwoWay } from './two-way.ts';

process.on('disconnect', () => process.exit(0));

const [conditions = '{}', seed = '1', farPort = '0'] = process.argv.slice(2);
const HOST = '127.0.0.1';
const BUFFER_BYTES = 4 * 1024 * 1024;

async function bind(): Promise<Socket> {
  const socket = createSocket({
    type: 'udp4',
    lookup: (address, _options, callback) => callback(null, address, 4),
  });
  // With a lookup that answers at once it is bound before `bind` returns.
  const listening = once(socket, 'listening');
  socket.bind(0, HOST);
  await listening;
  socket.setRecvBufferSize(BUFFER_BYTES);
  socket.setSendBufferSize(BUFFER_BYTES);
  // A port that nobody listens on yet; datagrams may be lost.
  socket.on('error', () => undefined);
  return socket;
}

const [near, far] = [await bind(), await bind()];
let nearPort = 0;
const network = new TwoWay<Buffer>(decodeConditions(conditions), Number(seed), (way, datagram) => {
  if (way === 0) far.send(datagram, Number(farPort), HOST);
  else if (nearPort !== 0) near.send(datagram, nearPort, HOST);
});
near.on('message', (datagram, from) => {
  nearPort = from.port;
  network.push(0, datagram, datagram.length);
  network.look();
});
far.on('message', (datagram) => {
  network.push(1, datagram, datagram.length);
  network.look();
});
process.on('message', () => process.send?.({ counts: network.counts }));
process.send?.({ port: near.address().port });
