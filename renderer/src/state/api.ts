import type { CallName, Params, Result } from '../../../main/api/contract.ts';

/** What controllers need of the connection. */
export interface Api {
  call<Name extends CallName>(
    name: Name,
    params: Params<Name>,
    options?: { signal?: AbortSignal },
  ): Promise<Result<Name>>;
}
