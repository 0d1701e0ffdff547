/**
 * Finds out what NAT stands between this machine and `echo.ts`, as RFC 5780 sections 4.3 and 4.4 do.
 * `node ask.ts <address> <address> <port> <port>` prints one line of JSON, a `NatBehaviour`.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** What was seen from inside. */
export interface NatBehaviour {
  /** The four mappings of one socket, towards both ports of both addresses: `host:port` as seen there. */
  readonly mappings: readonly string[];
  readonly isPortKept: boolean;
  /** Whether an answer came in from the other port of the address that was asked, and from the other address. */
  readonly fromOtherPort: boolean;
  readonly fromOtherAddress: boolean;
  /** The mapping of a socket that was sent to from outside before it sent anything itself; the same port is good. */
  readonly isPortKeptAfterKnock: boolean;
}

/** An answer within a laboratory takes less than a millisecond. */
const PATIENCE_MS = 300;

const [first = '', second = '', portA = '', portB = ''] = process.argv.slice(2);
const addresses = [first, second];
const ports = [Number(portA), Number(portB)];

interface Answer {
  readonly id: string;
  readonly host: string;
  readonly port: number;
}

async function openSocket() {
  const socket = createSocket('udp4');
  socket.bind(0);
  await once(socket, 'listening');
  const waiting = new Map<string, (answer: Answer) => void>();
  socket.on('message', (text) => {
    const answer = JSON.parse(text.toString()) as Answer;
    waiting.get(answer.id)?.(answer);
  });
  let asked = 0;
  return {
    port: socket.address().port,
    close: () => socket.close(),
    /** Asks one of the four, and says which of the four is to answer; undefined when nothing comes. */
    async ask(to: [number, number], from: [number, number]): Promise<Answer | undefined> {
      const id = String((asked += 1));
      const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, from }), ports[to[1]] ?? 0, addresses[to[0]] ?? '');
      const timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
      return promise.finally(() => clearTimeout(timer));
    },
  };
}

// Filtering first, with a socket that has sent to one of the four alone.
const narrow = await openSocket();
const seen = await narrow.ask([0, 0], [0, 0]);
if (seen === undefined) throw new Error('no answer at all');
const fromOtherPort = (await narrow.ask([0, 0], [0, 1])) !== undefined;
const fromOtherAddress = (await narrow.ask([0, 0], [1, 0])) !== undefined;
// Those two knocked at the port; if they were kept out, they must not have taken the way to them from it.
const afterKnock = await narrow.ask([1, 0], [1, 0]);
const isPortKeptAfterKnock = afterKnock?.port === seen.port;
narrow.close();

const wide = await openSocket();
const mappings: string[] = [];
for (const address of [0, 1]) {
  for (const port of [0, 1]) {
    const answer = await wide.ask([address, port], [address, port]);
    mappings.push(answer === undefined ? 'none' : `${answer.host}:${answer.port}`);
  }
}
const isPortKept = mappings.every((mapping) => mapping.endsWith(`:${wide.port}`));
wide.close();

const behaviour: NatBehaviour = {
  mappings,
  isPortKept,
  fromOtherPort,
  fromOtherAddress,
  isPortKeptAfterKnock,
};
console.log(JSON.stringify(behaviour));
