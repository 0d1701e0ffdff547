/** One measurement: two fresh processes, one stream between them, for so many seconds. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { PeerKey, Way } from '../../../main/identity/types.ts';
import type { Namespace } from '../../support/namespaces.ts';
import type { SideResult } from './side.ts';

const linkChild = fileURLToPath(new URL('link-child.ts', import.meta.url));
const plainChildren = {
  tcp: fileURLToPath(new URL('tcp-child.ts', import.meta.url)),
  dgram: fileURLToPath(new URL('dgram-child.ts', import.meta.url)),
} as const;
/** Until both ends have their stream. */
const OPEN_MS = 60_000;

/** Where an end runs: a host of its own, or this one. */
export interface Place {
  readonly namespace?: Namespace;
  readonly address: string;
}

export interface Measured {
  readonly megabytesPerSecond: number;
  /** Of both processes, for each GB that arrived. */
  readonly cpuSecondsPerGigabyte: number;
  readonly peakSenderBytes: number;
  readonly peakReceiverBytes: number;
}

/** A link's stream from `from` to `to` over UDP, or over a server. */
export async function runLink(
  from: Place,
  to: Place,
  seconds: number,
  natsUrl?: string,
): Promise<Measured> {
  const over = ({ address }: Place): string[] =>
    natsUrl === undefined ? ['udp', address] : ['nats', natsUrl];
  const receiver = start(to, linkChild, ['receive', String(seconds), ...over(to)]);
  const sender = start(from, linkChild, ['send', String(seconds), ...over(from)]);
  return measure(sender, receiver, seconds, async () => {
    const [a, b] = await Promise.all([
      answerOf<{ key: PeerKey }>(sender),
      answerOf<{ key: PeerKey }>(receiver),
    ]);
    const listening = answerOf<{ ways: Way[] }>(sender);
    sender.send({ key: b.key, ways: [] });
    const { ways } = await listening;
    return () => receiver.send({ key: a.key, ways });
  });
}

/** The same over TCP by `node:net`, or datagrams by `node:dgram`. */
export async function runPlain(
  what: keyof typeof plainChildren,
  from: Place,
  to: Place,
  seconds: number,
): Promise<Measured> {
  const child = plainChildren[what];
  const receiver = start(to, child, ['receive', String(seconds), to.address]);
  const sender = start(from, child, ['send', String(seconds), to.address]);
  return measure(sender, receiver, seconds, async () => {
    const { port } = await answerOf<{ port: number }>(receiver);
    return () => sender.send({ port });
  });
}

function start({ namespace }: Place, script: string, args: readonly string[]): ChildProcess {
  return namespace?.fork([script, ...args]) ?? fork(script, args);
}

/** @param introduce resolves with what makes the sender open the stream */
async function measure(
  sender: ChildProcess,
  receiver: ChildProcess,
  seconds: number,
  introduce: () => Promise<() => void>,
): Promise<Measured> {
  const both = [sender, receiver];
  const exited = both.map((child) => once(child, 'exit'));
  try {
    const connect = await introduce();
    const opened = both.map((child) => answerOf<'open'>(child));
    connect();
    await Promise.all(opened);
    const results = both.map((child) => answerOf<SideResult>(child, seconds * 1000 + OPEN_MS));
    for (const child of both) child.send('begin');
    const [sent, received] = (await Promise.all(results)) as [SideResult, SideResult];
    return {
      megabytesPerSecond: received.bytes / 1e6 / seconds,
      cpuSecondsPerGigabyte: (sent.cpuSeconds + received.cpuSeconds) / (received.bytes / 1e9),
      peakSenderBytes: sent.peakRssBytes,
      peakReceiverBytes: received.peakRssBytes,
    };
  } finally {
    for (const child of both) if (child.connected) child.disconnect();
    await Promise.all(exited);
  }
}

/** The next message of a child. Throws when it ends, or says nothing for too long. */
async function answerOf<Answer>(child: ChildProcess, withinMs = OPEN_MS): Promise<Answer> {
  const ending = new AbortController();
  const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(withinMs)]);
  const onExit = (): void => ending.abort(new Error('an end of the measurement has ended'));
  child.once('exit', onExit);
  try {
    const [answer] = (await once(child, 'message', { signal })) as [Answer];
    return answer;
  } finally {
    child.off('exit', onExit);
  }
}
