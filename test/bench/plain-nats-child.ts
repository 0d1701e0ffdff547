/** One end of plain-nats.ts: `subscribe|publish <url> <bytes> <message bytes>`, driven by process messages. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'nats';

const [role, url = '', total = '0', size = '0'] = process.argv.slice(2);
/** What may be published ahead of the server: enough to keep it busy, little enough for memory. */
const AHEAD_BYTES = 8 * 1024 ** 2;
const SUBJECT = 'bench.plain';

const connection = await connect({ servers: url });
if (role === 'subscribe') {
  let received = 0;
  connection.subscribe(SUBJECT, {
    callback: (_error, message) => {
      received += message.data.length;
      if (received >= Number(total)) process.send?.('all');
    },
  });
  await connection.flush();
  process.send?.('ready');
} else {
  const message = randomBytes(Number(size));
  process.send?.('ready');
  await once(process, 'message');
  let ahead = 0;
  for (let sent = 0; sent < Number(total); sent += message.length) {
    connection.publish(SUBJECT, message);
    ahead += message.length;
    if (ahead >= AHEAD_BYTES) {
      await connection.flush();
      ahead = 0;
    }
  }
  await connection.flush();
}
await once(process, 'message');
await connection.close();
process.disconnect();
