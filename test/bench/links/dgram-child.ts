/**
 * One end of plain `node:dgram`: `receive|send <seconds> <host>`; the sender is told the port. As many datagrams as go, as
 * long as those of a link; nothing is encrypted, and what is lost stays lost.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { report } from './side.ts';

/** A packet of QUIC and the tag in front of it. */
const DATAGRAM_BYTES = 1_358;
const PER_TURN = 64;
const BUFFER_BYTES = 4 * 1024 * 1024;
const KNOCK_MS = 20;

const [role, seconds = '0', host = '127.0.0.1'] = process.argv.slice(2);
let bytes = 0;
const measured = (): Promise<void> => report(Number(seconds), () => bytes);
const socket = createSocket('udp4');

if (role === 'receive') {
  socket.bind(0, host);
  await once(socket, 'listening');
  socket.setRecvBufferSize(BUFFER_BYTES);
  socket.once('message', () => void measured());
  socket.on('message', (datagram) => (bytes += datagram.length));
  process.send?.({ port: socket.address().port });
} else {
  const [{ port }] = (await once(process, 'message')) as [{ port: number }];
  socket.connect(port, host);
  await once(socket, 'connect');
  socket.setSendBufferSize(BUFFER_BYTES);
  const datagram = Buffer.alloc(DATAGRAM_BYTES, 'skerry');
  const begun = new AbortController();
  process.once('message', () => begun.abort());
  void measured();
  while (!begun.signal.aborted) {
    socket.send(datagram);
    await sleep(KNOCK_MS);
  }
  for (;;) {
    for (let count = 0; count < PER_TURN; count += 1) socket.send(datagram);
    bytes += DATAGRAM_BYTES * PER_TURN;
    await turn();
  }
}
