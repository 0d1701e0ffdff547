/** The router in its system account: it answers requests there, and tells what happens. */
import type { Account } from '../account/account.ts';
import { goJson } from '../monitor/go-json.ts';
import type { CloseReason } from '../connection/close-reason.ts';
import type { Facts } from '../monitor/facts.ts';
import type { MonitoredConnection } from '../monitor/view.ts';
import { ConnectionEvents } from './connection-events.ts';
import { RequestDesk } from './request-desk.ts';
import { type Controlled, ServerControl } from './server-control.ts';
import { accountRequests, pingStatz, serverRequests } from './server-requests.ts';
import {
  accountIn,
  answerClaims,
  answerCounts,
  answerPings,
  answerUsers,
  type ClaimsRequests,
} from './small-requests.ts';
import { Statsz } from './statsz.ts';

/** Subjects that servers of a cluster tell each other things on. Alone there is nothing to be learnt. */
const CLUSTER_TALK = [
  '$SYS.SERVER.ACCOUNT.*.CONNS',
  '$SYS.SERVER.*.STATSZ',
  '$SYS.SERVER.*.SHUTDOWN',
  '$SYS.SERVER.*.LAMEDUCK',
  '$SYS.ACCOUNT.*.LEAFNODE.CONNECT',
] as const;

export class SystemService {
  readonly #desk: RequestDesk;
  readonly #events: ConnectionEvents;
  readonly #statsz: Statsz;

  constructor(
    facts: Facts,
    account: Account,
    controlled: Controlled,
    claims: () => ClaimsRequests | undefined,
  ) {
    const desk = new RequestDesk(facts, account);
    this.#desk = desk;
    this.#events = new ConnectionEvents(facts, desk.client, desk.envelope);
    this.#statsz = new Statsz(facts, desk.client, desk.envelope);
    for (const subject of CLUSTER_TALK) desk.client.subscribe(subject, () => undefined);
    answerFacts(desk);
    answerControl(desk, new ServerControl(facts.router, controlled));
    answerPings(desk, this.#statsz);
    answerCounts(desk, this.#events);
    answerUsers(desk);
    answerClaims(desk, claims);
    this.#statsz.start();
  }

  connected(connection: MonitoredConnection): void {
    this.#events.connected(connection);
  }

  closed(connection: MonitoredConnection, reason: CloseReason): void {
    this.#events.closed(connection, reason);
  }

  refused(connection: MonitoredConnection): void {
    this.#events.refused(connection);
  }

  lameDuck(): void {
    this.#tell('LAMEDUCK');
  }

  /** Says that the server ends. */
  ending(): void {
    this.#tell('SHUTDOWN');
  }

  close(): void {
    this.#events.close();
    this.#statsz.close();
    this.#desk.close();
  }

  #tell(what: 'LAMEDUCK' | 'SHUTDOWN'): void {
    const { client, envelope, facts } = this.#desk;
    const subject = `$SYS.SERVER.${facts.router.id}.${what}`;
    if (client.isHeard(subject)) client.publish(subject, goJson(envelope.server()));
  }
}

function answerFacts(desk: RequestDesk): void {
  const { facts } = desk;
  for (const [name, { options, make }] of Object.entries(serverRequests)) {
    for (const who of [facts.router.id, 'PING'])
      desk.answer(`$SYS.REQ.SERVER.${who}.${name}`, options, (body) => make(facts, body));
  }
  for (const [name, { options, make }] of Object.entries(accountRequests)) {
    desk.answer(`$SYS.REQ.ACCOUNT.*.${name}`, options, (body, { subject }) =>
      make(facts, body, accountIn(subject)),
    );
  }
  const { options, make } = pingStatz;
  desk.answer('$SYS.REQ.ACCOUNT.PING.STATZ', options, (body) => make(facts, body));
}

function answerControl(desk: RequestDesk, control: ServerControl): void {
  for (const what of ['RELOAD', 'KICK', 'LDM'] as const)
    desk.answer(`$SYS.REQ.SERVER.${desk.facts.router.id}.${what}`, 'EventFilterOptions', (body) =>
      control.handle(what, body),
    );
}
