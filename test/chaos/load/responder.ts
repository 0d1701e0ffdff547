/**
 * Answers every request. When its router goes away it subscribes at the other one first, and then drains. At
 * the end it tells which requests it saw at the first router.
 */
import { connect, type NatsConnection } from 'nats';
import { planOf, SUBJECT, tell } from './messages.ts';

const plan = planOf(process.argv[2]);
const seen = new Uint8Array(Math.ceil(plan.requests / 8));

async function serve(server: string, note: (id: number) => void): Promise<NatsConnection> {
  const connection = await connect({ servers: server, reconnect: false });
  connection.subscribe(SUBJECT, {
    queue: 'responders',
    callback: (_, message) => {
      note(Number(message.string()));
      message.respond(message.data);
    },
  });
  await connection.flush();
  return connection;
}

const first = await serve(plan.from, (id) => {
  seen[id >> 3] = (seen[id >> 3] ?? 0) | (1 << (id & 7));
});
let second: NatsConnection | undefined;
tell({ type: 'ready' });

void (async () => {
  for await (const status of first.status()) {
    if (String(status.type) !== 'ldm' || second !== undefined) continue;
    second = await serve(plan.to, () => undefined);
    // The router may have closed already.
    await first.drain().catch(() => undefined);
  }
})();

process.on('message', () => {
  tell({ type: 'responder', seen: Buffer.from(seen).toString('base64') });
  void Promise.all([first.close(), second?.close()]).then(() => process.disconnect());
});
