/** One end of a plain `node:net` copy: `receive|send <seconds> <host>`; the sender is told the port. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { BLOCK_BYTES, report } from './side.ts';

const [role, seconds = '0', host = '127.0.0.1'] = process.argv.slice(2);
let bytes = 0;
const measured = (): Promise<void> => report(Number(seconds), () => bytes);

if (role === 'receive') {
  const server = createServer((socket) => {
    socket.on('data', (data) => (bytes += data.length));
    socket.on('error', () => socket.destroy());
    void measured();
  }).listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 });
} else {
  const [{ port }] = (await once(process, 'message')) as [{ port: number }];
  const socket = connect(port, host);
  await once(socket, 'connect');
  const begun = once(process, 'message');
  await measured();
  await begun;
  const block = Buffer.alloc(BLOCK_BYTES, 'skerry');
  for (;;) {
    bytes += block.length;
    if (!socket.write(block)) await once(socket, 'drain');
  }
}
