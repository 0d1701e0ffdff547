/** Everything that is said of a router, for monitoring pages and for requests of the system account alike. */
import {
  accountStat,
  accountStatz,
  type AccountStat,
  type AccountStatzOptions,
} from './account-stats.ts';
import type { Account } from '../account/account.ts';
import { accountDetail, accountList, accountz } from './accountz.ts';
import { gatewayz, jsz, routez } from './clusterz.ts';
import { connz, type ConnzOptions } from './connz.ts';
import { healthz, type Health, type HealthzOptions } from './healthz.ts';
import { leafz, type LeafzOptions } from './leafz.ts';
import { Statistics } from './statistics.ts';
import { subsz, type SubszOptions } from './subsz.ts';
import { varz } from './varz.ts';
import type { RouterView } from './view.ts';

export class Facts {
  readonly router: RouterView;
  readonly statistics: Statistics;
  /** Whether clients can come. */
  ready = false;

  constructor(router: RouterView) {
    this.router = router;
    this.statistics = new Statistics(router);
  }

  varz(): object {
    return varz(this.router, this.statistics);
  }

  connz(options: ConnzOptions): Promise<object> {
    return connz(this.router, this.statistics, options);
  }

  subsz(options: SubszOptions): ReturnType<typeof subsz> {
    return subsz(this.router, this.statistics, options);
  }

  routez(): object {
    return routez(this.router);
  }

  gatewayz(): object {
    return gatewayz(this.router);
  }

  jsz(): object {
    return jsz(this.router);
  }

  leafz(options: LeafzOptions): object {
    return leafz(this.router, options);
  }

  /** @param name of one account; '': the names of all */
  async accountz(name: string): Promise<object> {
    if (name === '') return accountList(this.router);
    return accountz(this.router, this.statistics, name);
  }

  accountDetail(name: string): Promise<object> {
    return accountDetail(this.router, this.statistics, name);
  }

  accountStatz(options: AccountStatzOptions): ReturnType<typeof accountStatz> {
    return accountStatz(this.router, this.statistics, options);
  }

  accountStat(account: Account): AccountStat {
    return accountStat(account, this.statistics);
  }

  healthz(options: HealthzOptions): Health {
    return healthz(this.ready, options);
  }
}
