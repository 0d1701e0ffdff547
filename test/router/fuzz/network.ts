/** Throws bytes at a listener of a running router, and asks whether it still works. */
import { connect } from 'node:net';
import type { ServerPorts, ServerProcess } from '../support/router-process.ts';
import { mutateBytes } from './mutate.ts';
import { clientSeeds, httpSeeds, leafSeeds, websocketSeeds } from './network-seeds.ts';
import type { Random } from './random.ts';

/** How long a connection lives at most: most servers have said what they have to say. */
const LIFE_MS = 30;
/** A router that takes longer for a message to itself hangs. */
const ANSWER_MS = 5_000;

export const targets: readonly { name: keyof ServerPorts; seeds: readonly Buffer[] }[] = [
  { name: 'client', seeds: clientSeeds },
  { name: 'leafnodes', seeds: leafSeeds },
  { name: 'websocket', seeds: websocketSeeds },
  { name: 'monitoring', seeds: httpSeeds },
];

const all = targets.flatMap(({ seeds }) => seeds);

export type Target = (typeof targets)[number];

/** One connection with mutated bytes in pieces; resolves with the bytes that came back. */
export function attack(server: ServerProcess, target: Target, random: Random): Promise<number> {
  const port = server.ports[target.name];
  if (port === undefined) return Promise.resolve(0);
  const seed = random.pick(target.seeds);
  const bytes = random.chance(0.05) ? seed : mutateBytes(random, seed, all);
  const cuts = Array.from({ length: random.int(4) }, () => random.int(bytes.length + 1)).sort(
    (a, b) => a - b,
  );
  const pieces = [...cuts, bytes.length].map((end, i) => bytes.subarray(cuts[i - 1] ?? 0, end));
  const reads = random.chance(0.9);
  const abrupt = random.chance(0.3);
  return new Promise((resolve) => {
    let received = 0;
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    const timer = setTimeout(() => (abrupt ? socket.resetAndDestroy() : socket.destroy()), LIFE_MS);
    socket.on('connect', () => {
      let i = 0;
      const next = (): void => {
        const piece = pieces[i++];
        if (piece === undefined || socket.destroyed) return;
        socket.write(piece);
        setImmediate(next);
      };
      next();
    });
    if (reads) socket.on('data', (chunk) => (received += chunk.length));
    socket.on('end', () => socket.end());
    // Being thrown out is what most of this is about.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(received);
    });
  });
}

/** A message to itself by a well-behaved client. Rejects when it does not come. */
export function stillAnswers(server: ServerProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: server.ports.client, noDelay: true });
    let text = '';
    const fail = (why: string): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new Error(`the router ${why}; last it said ${JSON.stringify(text.slice(-300))}`));
    };
    const timer = setTimeout(() => fail(`did not answer in ${ANSWER_MS} ms`), ANSWER_MS);
    socket.on('error', (error) => fail(error.message));
    socket.on('close', () => fail('closed the connection'));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (!text.includes('MSG still.there 1 5\r\nthere\r\n')) return;
      clearTimeout(timer);
      socket.removeAllListeners('close');
      socket.end();
      resolve();
    });
    socket.write(
      'CONNECT {"verbose":false,"pedantic":false,"user":"b","pass":"x"}\r\nSUB still.there 1\r\nPUB still.there 5\r\nthere\r\n',
    );
  });
}
