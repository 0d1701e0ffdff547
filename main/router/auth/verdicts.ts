import type { Admission, Refusal } from './types.ts';
import type { Login } from './user-table.ts';

/** @param reason for the log; holds no secret */
export function refuse(reason: string): Refusal {
  return { ok: false, text: 'Authorization Violation', reason };
}

export function admitLogin({ name, account, permissions, types }: Login): Admission {
  return {
    ok: true,
    account,
    user: name,
    ...(permissions && { permissions }),
    ...(types && { allowedConnectionTypes: types }),
  };
}

/** The verdict once the password is compared, without a promise where there was none. */
export function whenRight(
  right: boolean | Promise<boolean>,
  admission: Admission,
  reason: string,
): Admission | Refusal | Promise<Admission | Refusal> {
  if (typeof right === 'boolean') return right ? admission : refuse(reason);
  return right.then((is) => (is ? admission : refuse(reason)));
}
