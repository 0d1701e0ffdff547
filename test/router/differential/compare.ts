/** Runs cases on two servers at a time. */
import { startServer, type ServerKind, type ServerProcess } from '../support/router-process.ts';
import type { Case, Suite } from './cases.ts';
import { Session, type Login } from './session.ts';

export interface Pair {
  readonly reference: ServerProcess;
  readonly subject: ServerProcess;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startPair(
  suite: Pick<Suite, 'config' | 'files'>,
  subjectKind: ServerKind = 'router',
): Promise<Pair> {
  const options = {
    ...(suite.config === undefined ? {} : { config: suite.config }),
    ...(suite.files === undefined ? {} : { files: suite.files }),
  };
  const [reference, subject] = await Promise.allSettled([
    startServer('nats-server', options),
    startServer(subjectKind, options),
  ]);
  if (reference.status === 'fulfilled' && subject.status === 'fulfilled') {
    return {
      reference: reference.value,
      subject: subject.value,
      async [Symbol.asyncDispose]() {
        await Promise.all([
          reference.value[Symbol.asyncDispose](),
          subject.value[Symbol.asyncDispose](),
        ]);
      },
    };
  }
  for (const each of [reference, subject]) {
    if (each.status === 'fulfilled') await each.value[Symbol.asyncDispose]();
  }
  throw reference.status === 'rejected'
    ? reference.reason
    : (subject as PromiseRejectedResult).reason;
}

export async function transcriptOf(
  server: ServerProcess,
  run: Case['run'],
  login?: Login,
): Promise<string> {
  const session = new Session(server, login);
  let failure = '';
  try {
    await run(session);
  } catch (error) {
    failure = `\nthe script failed: ${error instanceof Error ? error.message : String(error)}`;
  }
  await session.end();
  return session.transcript() + failure;
}

/**
 * What each server says to the same script. Played again when they differ: what nats-server leaves to chance
 * or to its threads is no difference.
 */
export async function agreement(
  pair: Pair,
  run: Case['run'],
  login?: Login,
): Promise<{ reference: string; subject: string }> {
  let outcome = await both(pair, run, login);
  for (let again = 0; again < 2 && outcome.reference !== outcome.subject; again++) {
    outcome = await both(pair, run, login);
  }
  return outcome;
}

/** What each server said to the same script. */
export async function both(
  pair: Pair,
  run: Case['run'],
  login?: Login,
): Promise<{ reference: string; subject: string }> {
  const [reference, subject] = await Promise.all([
    transcriptOf(pair.reference, run, login),
    transcriptOf(pair.subject, run, login),
  ]);
  return { reference, subject };
}
