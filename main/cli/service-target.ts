import type { ApiClient } from '../api/contract.ts';
import { CliError } from './errors.ts';
import { contactOfTarget } from './remote-target.ts';

/**
 * The contact and the service of `<peer>/<service>`.
 *
 * @throws CliError `usage`, and as `contactOfTarget`
 */
export async function serviceOfTarget(
  api: ApiClient,
  target: string,
): Promise<{ peer: string; service: string; peerName: string }> {
  const { contact, rest } = await contactOfTarget(api, target);
  if (rest === '') {
    throw new CliError('usage', 'The name of the service is missing.', {
      hint: 'Give the contact and the service: <peer>/<service>.',
    });
  }
  return { peer: contact.key, service: rest, peerName: contact.name };
}
