import type { Account } from '../account/account.ts';
import type { TurnWork } from '../connection/turn.ts';
import { AccountInterest } from './account-interest.ts';

/** What is counted for the accounts that have leaf nodes; nothing for the others. */
export class AccountInterests {
  readonly #turn: TurnWork;
  readonly #byAccount = new Map<Account, { readonly interest: AccountInterest; uses: number }>();

  constructor(turn: TurnWork) {
    this.#turn = turn;
  }

  take(account: Account): AccountInterest {
    let known = this.#byAccount.get(account);
    if (known === undefined) {
      known = { interest: new AccountInterest(account, this.#turn), uses: 0 };
      this.#byAccount.set(account, known);
    }
    known.uses++;
    return known.interest;
  }

  give(account: Account): void {
    const known = this.#byAccount.get(account);
    if (known === undefined || --known.uses > 0) return;
    this.#byAccount.delete(account);
    known.interest.end();
  }

  remapped(): void {
    for (const { interest } of this.#byAccount.values()) interest.remapped();
  }
}
