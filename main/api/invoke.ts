import { nearest } from '../base/nearest.ts';
import { calls, type ApiPeer, type CallName } from './contract.ts';
import { ApiError } from './errors.ts';

/**
 * Checks a call's name and parameters by the contract and runs its handler.
 *
 * @throws ApiError `unknown-call`, `bad-params`, and whatever the handler throws
 */
export async function invoke(
  peer: ApiPeer,
  name: string,
  params: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  if (!isCallName(name)) {
    const known = nearest(name, Object.keys(calls));
    throw new ApiError(
      'unknown-call',
      `There is no call "${name.slice(0, 64)}"; the nearest is "${known}".`,
    );
  }
  const parsed = calls[name].params.safeParse(params);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.path.length ? `"${issue.path.join('.')}"` : 'The parameters';
    throw new ApiError('bad-params', `${field} of ${name} cannot be used: ${issue?.message}.`);
  }
  // TypeScript cannot see that the schema and the handler are of the same call.
  const handler = peer.handlers[name] as (params: unknown, signal: AbortSignal) => Promise<unknown>;
  return handler(parsed.data, signal);
}

function isCallName(name: string): name is CallName {
  return Object.hasOwn(calls, name);
}
