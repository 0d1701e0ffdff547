/**
 * Tells whoever asks which address it has from here, and answers from where it is told to: what a STUN server with
 * two addresses does. Runs on the internet side: `node echo.ts <address> <address> <port> <port>`.
 *
 * A question is JSON, `{ id, from }`; `from` is the socket that is to answer: `[address, port]` by index, 0 or 1.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

const [first = '', second = '', portA = '', portB = ''] = process.argv.slice(2);
const sockets: Socket[][] = [];

for (const address of [first, second]) {
  const row: Socket[] = [];
  for (const port of [portA, portB]) {
    const socket = createSocket('udp4');
    socket.bind(Number(port), address);
    await once(socket, 'listening');
    socket.on('message', (text, { address: host, port: seen }) => {
      const { id, from } = JSON.parse(text.toString()) as { id: string; from: [number, number] };
      const answer = JSON.stringify({ id, host, port: seen });
      sockets[from[0]]?.[from[1]]?.send(answer, seen, host);
    });
    row.push(socket);
  }
  sockets.push(row);
}
console.log('ready');
