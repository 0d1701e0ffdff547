import { connect, type Socket } from 'node:net';
import { codeOf } from '../base/errors.ts';
import { netOptions, type Address } from './address.ts';
import { prepareSocket } from './splice.ts';
import type { Refusal } from './wire.ts';

/** For the name of the host, if it has one, and the connection. */
export const CONNECT_TIMEOUT_MS = 10_000;

/** A target that did not take the connection. */
export class TargetFailed extends Error {
  override readonly name = 'TargetFailed';
  readonly refusal: Refusal;

  constructor(refusal: Refusal, cause: unknown) {
    super(`the target is ${refusal}`, { cause });
    this.refusal = refusal;
  }
}

/**
 * Connects to a local program; the socket does not flow yet.
 *
 * @throws TargetFailed; the signal's reason
 */
export async function connectTarget(
  target: Address,
  signal: AbortSignal,
  timeoutMs = CONNECT_TIMEOUT_MS,
): Promise<Socket> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const socket = connect({ ...netOptions(target), allowHalfOpen: true });
  prepareSocket(socket);
  socket.pause();
  const timer = setTimeout(
    () => reject(new TargetFailed('target-unreachable', new Error('no answer in time'))),
    timeoutMs,
  );
  const onAbort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  socket.once('connect', () => resolve(undefined));
  socket.once('error', (error) => reject(new TargetFailed(refusalOf(error), error)));
  try {
    await promise;
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** ENOENT: the socket of a program that is not there. */
function refusalOf(error: Error): Refusal {
  return ['ECONNREFUSED', 'ENOENT'].includes(codeOf(error) ?? '')
    ? 'target-refused'
    : 'target-unreachable';
}
