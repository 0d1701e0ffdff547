/** Plays random sessions on both servers, and tells a difference from what nats-server itself leaves open. */
import fc from 'fast-check';
import { both, type Pair } from './compare.ts';
import { play, randomSessions, type RandomSession } from './random-session.ts';

/** How often a session in doubt is played again. */
const AGAIN = 6;

export interface Difference {
  readonly session: RandomSession;
  readonly reference: string;
  readonly subject: string;
}

/**
 * Undefined when they agree. The order of a hash map or the choice of a queue member can change what comes
 * after it, so a session in which the reference once does what the subject did is no difference.
 */
export async function differ(pair: Pair, session: RandomSession): Promise<Difference | undefined> {
  const first = await both(pair, (each) => play(session, each));
  if (first.reference === first.subject) return undefined;
  const references = new Set([first.reference]);
  const subjects = new Set([first.subject]);
  for (let i = 0; i < AGAIN; i++) {
    const { reference, subject } = await both(pair, (each) => play(session, each));
    references.add(reference);
    subjects.add(subject);
    if ([...subjects].some((each) => references.has(each))) return undefined;
  }
  return { session, ...first };
}

/**
 * @param onSession called after each session
 * @returns the first difference, made as small as possible, if there is one
 */
export async function compareSessions(
  pair: Pair,
  playground: number,
  options: { sessions: number; seed: number; onSession?: () => void },
): Promise<Difference | undefined> {
  let found: Difference | undefined;
  const details = await fc.check(
    fc.asyncProperty(randomSessions(playground), async (session) => {
      const difference = await differ(pair, session);
      options.onSession?.();
      if (difference !== undefined) found = difference;
      return difference === undefined;
    }),
    { numRuns: options.sessions, seed: options.seed },
  );
  return details.failed ? found : undefined;
}
