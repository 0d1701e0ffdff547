/** For shaped-network.test.ts: `serve <host>` sends back what comes by TCP and UDP; `ask <host> <port>` asks it. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const [role, host = '', port = '0'] = process.argv.slice(2);
const TCP_BYTES = 1_000_000;
const DATAGRAMS = 30;

process.on('disconnect', () => process.exit(0));
if (role === 'serve') {
  const server = createServer((socket) => socket.pipe(socket)).listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  const bound = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const socket = createSocket('udp4').bind(bound, host);
  await once(socket, 'listening');
  socket.on('message', (datagram, from) => socket.send(datagram, from.port, from.address));
  process.send?.({ port: bound });
} else {
  let [datagrams, fastestMs] = [0, Infinity];
  const socket = createSocket('udp4').bind(0);
  for (let at = 0; at < DATAGRAMS; at += 1) {
    const sent = performance.now();
    socket.send('ping', Number(port), host);
    try {
      await once(socket, 'message', { signal: AbortSignal.timeout(100) });
      datagrams += 1;
      fastestMs = Math.min(fastestMs, performance.now() - sent);
    } catch {
      // Lost on the way, there or back.
    }
  }
  const stream = connect(Number(port), host);
  stream.end(Buffer.alloc(TCP_BYTES));
  let tcpBytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) tcpBytes += chunk.length;
  process.send?.({ tcpBytes, fastestMs, datagrams });
}
