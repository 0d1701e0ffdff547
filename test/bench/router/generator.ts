/**
 * The load of one scenario, in a process of its own: speaks the raw protocol to the given ports and prints
 * one line of JSON.
 */
import { requests } from './requests.ts';
import type { Flow, Requests, Scenario } from './scenarios.ts';
import { WARM_UP } from './warm-up.ts';
import { handled, type Login, pour, rawClient, type RawClient, receivedBytes } from './wire.ts';

export interface GeneratorInput {
  readonly scenario: Scenario;
  readonly publishPort: number;
  readonly subscribePort: number;
}

export interface GeneratorResult {
  /** Messages a second: received ones, or sent ones where nobody receives. */
  readonly rate: number;
  readonly seconds: number;
  /** Round trips, ms. */
  readonly p50?: number;
  readonly p99?: number;
}

/** Bytes handed to the socket at once. */
const BATCH_BYTES = 65_536;
const HEADERS = 'NATS/1.0\r\nTrace: 0123456789abcdef\r\nKind: measured\r\n\r\n';
const LOGIN: Login = { user: 'bench', pass: 'bench' };

async function flow(input: GeneratorInput, scenario: Flow): Promise<GeneratorResult> {
  const login = scenario.permissions === true ? LOGIN : {};
  const { publishers, subscribers, messages } = scenario;
  const subscribed: RawClient[] = [];
  const publishing: RawClient[] = [];
  for (let p = 0; p < publishers; p++) {
    const subject = scenario.wildcard === true ? 'bench.*.x' : subjectOf(scenario, p, 0);
    for (let s = 0; s < subscribers; s++) {
      const client = await rawClient(input.subscribePort, login);
      await handled(client, `SUB ${subject} ${scenario.queue === true ? 'group ' : ''}1\r\n`);
      subscribed.push(client);
    }
    publishing.push(await rawClient(input.publishPort, login));
  }
  // Interest has to reach the other server.
  if (scenario.leaf === true) await new Promise((resolve) => setTimeout(resolve, 300));
  const batches = publishing.map((_, p) => batchOf(scenario, p));
  const perBatch = batches[0]?.count ?? 1;
  const times = Math.ceil(messages / perBatch);
  const total = times * perBatch;
  const perMessage = batches[0]?.deliveredBytes ?? 0;
  const pass = async (count: number): Promise<void> => {
    for (const client of subscribed) client.received = 0;
    const sent = publishing.map((client, p) =>
      pour(client, batches[p]?.bytes ?? Buffer.alloc(0), count),
    );
    const bytes = Math.round(count * perBatch * perMessage);
    if (subscribers === 0) {
      await Promise.all(sent);
      await Promise.all(publishing.map((client) => handled(client, '')));
    } else if (scenario.queue === true) {
      await receivedTogether(subscribed, bytes);
    } else {
      await Promise.all(subscribed.map((client) => receivedBytes(client, bytes)));
    }
  };
  await pass(Math.ceil(times * WARM_UP));
  const began = performance.now();
  await pass(times);
  const seconds = (performance.now() - began) / 1000;
  const count = subscribers === 0 || scenario.queue === true ? total : total * subscribers;
  return { rate: (count * publishers) / seconds, seconds };
}

interface Batch {
  readonly bytes: Buffer;
  readonly count: number;
  /** Of one message, on average. */
  readonly deliveredBytes: number;
}

function batchOf(scenario: Flow, publisher: number): Batch {
  const { size, subjects = 1 } = scenario;
  const payload = 'x'.repeat(size);
  const parts: string[] = [];
  let delivered = 0;
  let length = 0;
  let count = 0;
  while (length < BATCH_BYTES || count % subjects !== 0) {
    const subject = subjectOf(scenario, publisher, count % subjects);
    const line =
      scenario.headers === true
        ? `${String(HEADERS.length)} ${String(HEADERS.length + size)}\r\n${HEADERS}${payload}\r\n`
        : `${String(size)}\r\n${payload}\r\n`;
    const verb = scenario.headers === true ? 'HPUB' : 'PUB';
    const text = `${verb} ${subject} ${line}`;
    parts.push(text);
    length += text.length;
    delivered += text.length - verb.length + (verb === 'PUB' ? 3 : 4) + 2;
    count++;
  }
  return { bytes: Buffer.from(parts.join(''), 'latin1'), count, deliveredBytes: delivered / count };
}

function subjectOf(scenario: Flow, publisher: number, index: number): string {
  if (scenario.wildcard === true) return `bench.${String(index)}.x`;
  return `bench.${String(publisher).padStart(3, '0')}`;
}

async function receivedTogether(clients: readonly RawClient[], bytes: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const check = (): void => {
      if (clients.reduce((sum, client) => sum + client.received, 0) >= bytes) resolve();
    };
    for (const client of clients) client.onBytes = check;
    check();
  });
}

process.on('message', (input: GeneratorInput) => {
  const { scenario } = input;
  const run =
    scenario.kind === 'flow' ? flow(input, scenario) : requests(input, scenario as Requests);
  run.then(
    (result) => process.send?.(result, () => process.exit(0)),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
