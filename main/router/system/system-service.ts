/** The router in its system account: it answers requests there and in other accounts, and tells what happens. */
import type { Account } from '../account/account.ts';
import { goJson } from '../account/go-json.ts';
import { codeOf, messageOf } from '../../base/errors.ts';
import type { CloseReason } from '../connection/close-reason.ts';
import type { Facts } from '../monitor/facts.ts';
import type { MonitoredConnection, RouterView } from '../monitor/view.ts';
import { toWire } from '../subject/wire.ts';
import { ConnectionEvents } from './connection-events.ts';
import { type Answer, Envelope } from './envelope.ts';
import { RequestBody } from './request-body.ts';
import { concerns } from './request-filter.ts';
import { RequestQueue } from './request-queue.ts';
import { accountRequests, pingStatz, serverRequests, skipped } from './server-requests.ts';
import { ServerControl, type Controlled } from './server-control.ts';
import { Statsz } from './statsz.ts';
import { countSubscribers } from './subscriber-count.ts';
import { type Received, SystemClient } from './system-client.ts';
import { userInfo } from './user-info.ts';

/** Subjects that servers of a cluster tell each other things on. Alone there is nothing to be learnt. */
const CLUSTER_TALK = [
  '$SYS.SERVER.ACCOUNT.*.CONNS',
  '$SYS.SERVER.*.STATSZ',
  '$SYS.SERVER.*.SHUTDOWN',
  '$SYS.SERVER.*.LAMEDUCK',
  '$SYS.ACCOUNT.*.LEAFNODE.CONNECT',
] as const;

/** Answers requests about account JWTs (jwt/claims-service.ts). */
export interface ClaimsRequests {
  readonly subscriptions: readonly { readonly subject: string; readonly queue?: string }[];
  answer(
    subject: string,
    payload: Uint8Array,
  ): Promise<
    | { readonly kind: 'json'; readonly body: Readonly<Record<string, unknown>> }
    | { readonly kind: 'raw'; readonly messages: AsyncIterable<string> | readonly string[] }
    | undefined
  >;
}

export class SystemService {
  readonly #facts: Facts;
  readonly #router: RouterView;
  readonly #client: SystemClient;
  readonly #envelope: Envelope;
  readonly #events: ConnectionEvents;
  readonly #statsz: Statsz;
  readonly #control: ServerControl;
  readonly #requests: RequestQueue;
  /** Pings do not wait for longer answers. */
  readonly #pings: RequestQueue;

  constructor(
    facts: Facts,
    account: Account,
    controlled: Controlled,
    claims: () => ClaimsRequests | undefined,
  ) {
    const { router } = facts;
    this.#facts = facts;
    this.#router = router;
    this.#client = new SystemClient(account);
    this.#envelope = new Envelope(router);
    this.#events = new ConnectionEvents(facts, this.#client, this.#envelope);
    this.#statsz = new Statsz(facts, this.#client, this.#envelope);
    this.#control = new ServerControl(router, controlled);
    this.#requests = new RequestQueue(router.log);
    this.#pings = new RequestQueue(router.log);
    this.#listen(claims);
    this.#statsz.start();
  }

  // --- what happens -------------------------------------------------------------------------------

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
    this.#requests.clear();
    this.#pings.clear();
    this.#client.close();
  }

  #tell(what: 'LAMEDUCK' | 'SHUTDOWN'): void {
    const subject = `$SYS.SERVER.${this.#router.id}.${what}`;
    if (this.#client.isHeard(subject))
      this.#client.publish(subject, goJson(this.#envelope.server()));
  }

  // --- requests of the system account -------------------------------------------------------------

  #listen(claims: () => ClaimsRequests | undefined): void {
    const client = this.#client;
    const { id } = this.#router;
    for (const subject of CLUSTER_TALK) client.subscribe(subject, () => undefined);
    for (const [name, { options, make }] of Object.entries(serverRequests)) {
      const answer = (received: Received): void =>
        this.#answer(received, options, (body) => make(this.#facts, body));
      client.subscribe(`$SYS.REQ.SERVER.${id}.${name}`, answer);
      client.subscribe(`$SYS.REQ.SERVER.PING.${name}`, answer);
    }
    for (const [name, { options, make }] of Object.entries(accountRequests)) {
      client.subscribe(`$SYS.REQ.ACCOUNT.*.${name}`, (received) =>
        this.#answer(received, options, (body) =>
          make(this.#facts, body, accountIn(received.subject)),
        ),
      );
    }
    client.subscribe('$SYS.REQ.ACCOUNT.PING.STATZ', (received) =>
      this.#answer(received, pingStatz.options, (body) => pingStatz.make(this.#facts, body)),
    );
    this.#listenForPings(id);
    this.#listenForControl(id);
    this.#listenForCounts();
    client.subscribe('$SYS.REQ.USER.*.INFO', (received) => this.#answerUser(received));
    for (const { subject, queue } of claims()?.subscriptions ?? []) {
      client.subscribe(subject, (received) => this.#answerClaims(claims(), received), queue);
    }
  }

  #listenForPings(id: string): void {
    const client = this.#client;
    const statsz = (received: Received): void => this.#pings.push(() => this.#pong(received));
    client.subscribe('$SYS.REQ.SERVER.PING', statsz);
    const idz = ({ reply }: Received): void => {
      if (reply !== '') this.#pings.push(() => client.publish(reply, this.#identity()));
    };
    for (const who of [id, 'PING']) {
      client.subscribe(`$SYS.REQ.SERVER.${who}.STATSZ`, statsz);
      client.subscribe(`$SYS.REQ.SERVER.${who}.IDZ`, idz);
    }
  }

  #pong(received: Received): void | Promise<void> {
    if (received.payload.length > 0) {
      try {
        const body = new RequestBody(received.payload, 'StatszEventOptions');
        if (!concerns(this.#router, body)) return;
      } catch (error) {
        return this.#envelope.respond(this.#client, received, {
          error: { code: 400, description: messageOf(error) },
        });
      }
    }
    if (received.reply === '') this.#statsz.broadcast();
    else this.#statsz.send(received.reply);
  }

  #identity(): string {
    const { name, id } = this.#router;
    return goJson({ name, host: this.#router.serverInfo().host, id });
  }

  #listenForControl(id: string): void {
    const control = this.#control;
    const on = (name: 'RELOAD' | 'KICK' | 'LDM'): void =>
      this.#client.subscribe(`$SYS.REQ.SERVER.${id}.${name}`, (received) =>
        this.#answer(received, 'EventFilterOptions', (body) => control.handle(name, body)),
      );
    on('RELOAD');
    on('KICK');
    on('LDM');
  }

  #listenForCounts(): void {
    const client = this.#client;
    client.subscribe('$SYS.REQ.ACCOUNT.*.CONNS', ({ subject, reply }) => {
      const account = this.#router.accounts.get(accountIn(subject));
      if (account === undefined || account.connections.size === 0 || reply === '') return;
      this.#pings.push(() => client.publish(reply, goJson(this.#events.counts(account))));
    });
    client.subscribe('$SYS.REQ.ACCOUNT.NSUBS', ({ payload, reply }) => {
      if (reply === '') return;
      this.#requests.push(async () => {
        const body = new RequestBody(payload, 'accNumSubsReq');
        const account = this.#router.accounts.get(body.text('acc'));
        if (account === undefined || account.connections.size === 0) return;
        const queue = Buffer.from(body.text('queue'), 'base64').toString('latin1');
        const subject = toWire(body.text('subject'));
        client.publish(reply, String(await countSubscribers(account, subject, queue || undefined)));
      });
    });
    client.subscribe('$SYS.DEBUG.SUBSCRIBERS', ({ payload, reply, from }) => {
      if (reply === '') return;
      this.#requests.push(async () => {
        const [subject = '', queue] = payload.toString('latin1').trim().split(/\s+/);
        const account = from?.account ?? client.account;
        client.publish(reply, String(await countSubscribers(account, subject, queue)));
      });
    });
  }

  #answerClaims(claims: ClaimsRequests | undefined, received: Received): void {
    this.#requests.push(async () => {
      const answer = await claims?.answer(received.subject, received.payload);
      if (answer === undefined || received.reply === '') return;
      if (answer.kind === 'json') {
        const text = goJson({ server: this.#envelope.server(), ...answer.body });
        this.#client.publish(received.reply, text);
        return;
      }
      for await (const message of answer.messages) this.#client.publish(received.reply, message);
    });
  }

  /** An account's request, which comes as `$SYS.REQ.USER.<account>.INFO`, by whoever made it. */
  #answerUser(received: Received): void {
    const { from, reply } = received;
    if (reply === '' || !isMonitored(from)) return;
    this.#pings.push(() =>
      this.#envelope.respond(this.#client, received, { data: userInfo(from) }),
    );
  }

  // -------------------------------------------------------------------------------------------------

  #answer(received: Received, options: string, make: (body: RequestBody) => unknown): void {
    if (received.reply === '') return;
    this.#requests.push(async () => {
      const answer = await this.#make(received, options, make);
      if (answer !== undefined) await this.#envelope.respond(this.#client, received, answer);
    });
  }

  async #make(
    { payload }: Received,
    options: string,
    make: (body: RequestBody) => unknown,
  ): Promise<Answer | undefined> {
    try {
      const body = new RequestBody(payload, options);
      if (!concerns(this.#router, body)) return undefined;
      const data = await make(body);
      return data === skipped ? undefined : { data };
    } catch (error) {
      const code = codeOf(error) === 'router-request' ? 400 : 500;
      return { error: { code, description: messageOf(error) } };
    }
  }
}

/** `$SYS.REQ.ACCOUNT.<this>.…` */
function accountIn(subject: string): string {
  return subject.split('.')[3] ?? '';
}

function isMonitored(connection: object | undefined): connection is MonitoredConnection {
  return connection !== undefined && 'startedAt' in connection;
}
