/**
 * Sends requests as fast as they are answered. When its router goes away it sends the next ones to the other
 * router, and keeps the first connection until every answer that is due there has come.
 */
import { connect, createInbox, type NatsConnection } from 'nats';
import { planOf, SUBJECT, tell } from './messages.ts';

const FLUSH_EVERY = 500;
const AGAIN_MS = 5;
const TELL_EVERY = 1_000;

const plan = planOf(process.argv[2]);
const answeredOnce = new Uint8Array(plan.requests);
const again: number[] = [];
const acceptedUnanswered: number[] = [];
const openEnded: number[] = [];
let next = 0;
let answered = 0;
let refused = 0;
let disconnects = 0;
let warned = false;

class Lane {
  readonly connection: NatsConnection;
  readonly #inbox = createInbox();
  /** When each request that has no answer yet was sent, in requests of this lane. */
  readonly under = new Map<number, number>();
  #sent = 0;
  #read = 0;

  constructor(connection: NatsConnection) {
    this.connection = connection;
    connection.subscribe(`${this.#inbox}.*`, {
      callback: (_, message) => {
        const id = Number(message.subject.slice(this.#inbox.length + 1));
        this.under.delete(id);
        if (message.headers?.code === 503) {
          refused++;
          setTimeout(() => {
            again.push(id);
            pump();
          }, AGAIN_MS);
        } else if (answeredOnce[id] === 0) {
          answeredOnce[id] = 1;
          answered++;
          if (answered % TELL_EVERY === 0) tell({ type: 'progress', answered });
        }
        pump();
      },
    });
  }

  send(id: number): void {
    this.under.set(id, ++this.#sent);
    this.connection.publish(SUBJECT, String(id), { reply: `${this.#inbox}.${id}` });
    if (this.#sent % FLUSH_EVERY !== 0) return;
    const read = this.#sent;
    // A PONG says that the server has read everything before the PING; no PONG says nothing.
    this.connection.flush().then(
      () => (this.#read = read),
      () => undefined,
    );
  }

  /** The connection has ended: sorts what has no answer, and asks again. */
  settle(): void {
    for (const [id, sent] of this.under) {
      (sent <= this.#read ? acceptedUnanswered : openEnded).push(id);
      again.push(id);
    }
    this.under.clear();
  }
}

const first = new Lane(await connect({ servers: plan.from, reconnect: false }));
let lane: Lane | undefined = first;
let ending = false;

function pump(): void {
  if (ending) return;
  const open = lane?.connection.isClosed() === false ? lane : undefined;
  while (open !== undefined && open.under.size < plan.window) {
    const id = again.pop() ?? (next < plan.requests ? next++ : undefined);
    if (id === undefined) break;
    open.send(id);
  }
  if (lane !== first && first.under.size === 0 && !first.connection.isClosed()) {
    void first.connection.close();
  }
  if (answered === plan.requests) finish();
}

function finish(): void {
  ending = true;
  tell({
    type: 'requester',
    result: { answered, refused, acceptedUnanswered, openEnded, disconnects, warned },
  });
  void Promise.all([first.connection.close(), lane?.connection.close()]).then(() =>
    process.disconnect(),
  );
}

async function move(): Promise<void> {
  if (lane !== first) return;
  lane = undefined;
  lane = new Lane(await connect({ servers: plan.to, reconnect: false }));
  pump();
}

void (async () => {
  for await (const status of first.connection.status()) {
    if (String(status.type) !== 'ldm') continue;
    warned = true;
    await move();
  }
})();
void first.connection.closed().then(async () => {
  if (ending) return;
  if (first.under.size > 0) disconnects++;
  first.settle();
  await move();
  pump();
});

tell({ type: 'ready' });
process.on('message', pump);
