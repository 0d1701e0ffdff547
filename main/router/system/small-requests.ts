/** Requests that are answered in ways of their own: pings, counts, users, and account JWTs. */
import { goJson } from '../monitor/go-json.ts';
import { messageOf } from '../../base/errors.ts';
import type { MonitoredConnection } from '../monitor/view.ts';
import { toWire } from '../subject/wire.ts';
import type { ConnectionEvents } from './connection-events.ts';
import { RequestBody } from './request-body.ts';
import type { RequestDesk } from './request-desk.ts';
import { concerns } from './request-filter.ts';
import type { Statsz } from './statsz.ts';
import { countSubscribers } from './subscriber-count.ts';
import type { Received } from './system-client.ts';
import { userInfo } from './user-info.ts';

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

/** `$SYS.REQ.SERVER.PING`, `….STATSZ` and `….IDZ`. */
export function answerPings(desk: RequestDesk, statsz: Statsz): void {
  const { client } = desk;
  const { router } = desk.facts;
  const tell = (received: Received): void => desk.soon(() => pong(desk, statsz, received));
  const identify = ({ reply }: Received): void => {
    if (reply === '') return;
    const { name, id } = router;
    desk.soon(() => client.publish(reply, goJson({ name, host: router.serverInfo().host, id })));
  };
  client.subscribe('$SYS.REQ.SERVER.PING', tell);
  for (const who of [router.id, 'PING']) {
    client.subscribe(`$SYS.REQ.SERVER.${who}.STATSZ`, tell);
    client.subscribe(`$SYS.REQ.SERVER.${who}.IDZ`, identify);
  }
}

/** Without a reply subject it is told to all who listen. */
function pong(desk: RequestDesk, statsz: Statsz, received: Received): void | Promise<void> {
  if (received.payload.length > 0) {
    try {
      const body = new RequestBody(received.payload, 'StatszEventOptions');
      if (!concerns(desk.facts.router, body)) return;
    } catch (error) {
      return desk.envelope.respond(desk.client, received, {
        error: { code: 400, description: messageOf(error) },
      });
    }
  }
  if (received.reply === '') statsz.broadcast();
  else statsz.send(received.reply);
}

/** Connections of an account, and subscribers of a subject. */
export function answerCounts(desk: RequestDesk, events: ConnectionEvents): void {
  const { client } = desk;
  const { accounts } = desk.facts.router;
  client.subscribe('$SYS.REQ.ACCOUNT.*.CONNS', ({ subject, reply }) => {
    const account = accounts.get(accountIn(subject));
    if (account === undefined || account.connections.size === 0 || reply === '') return;
    desk.soon(() => client.publish(reply, goJson(events.counts(account))));
  });
  client.subscribe('$SYS.REQ.ACCOUNT.NSUBS', ({ payload, reply }) => {
    if (reply === '') return;
    desk.inTurn(async () => {
      const body = new RequestBody(payload, 'accNumSubsReq');
      const account = accounts.get(body.text('acc'));
      if (account === undefined || account.connections.size === 0) return;
      const queue = Buffer.from(body.text('queue'), 'base64').toString('latin1');
      const subject = toWire(body.text('subject'));
      client.publish(reply, String(await countSubscribers(account, subject, queue || undefined)));
    });
  });
  client.subscribe('$SYS.DEBUG.SUBSCRIBERS', ({ payload, reply, from }) => {
    if (reply === '') return;
    desk.inTurn(async () => {
      const [subject = '', queue] = payload.toString('latin1').trim().split(/\s+/);
      const account = from?.account ?? client.account;
      client.publish(reply, String(await countSubscribers(account, subject, queue)));
    });
  });
}

/** `$SYS.REQ.USER.INFO` of any account, which comes as `$SYS.REQ.USER.<account>.INFO`. */
export function answerUsers(desk: RequestDesk): void {
  desk.client.subscribe('$SYS.REQ.USER.*.INFO', (received) => {
    const { from, reply } = received;
    if (reply === '' || !isMonitored(from)) return;
    desk.soon(() => desk.envelope.respond(desk.client, received, { data: userInfo(from) }));
  });
}

/** @param claims asked anew for each request: a reload brings another */
export function answerClaims(desk: RequestDesk, claims: () => ClaimsRequests | undefined): void {
  const { client, envelope } = desk;
  const answer = async ({ subject, payload, reply }: Received): Promise<void> => {
    const made = await claims()?.answer(subject, payload);
    if (made === undefined || reply === '') return;
    if (made.kind === 'json') {
      client.publish(reply, goJson({ server: envelope.server(), ...made.body }));
    } else {
      for await (const message of made.messages) client.publish(reply, message);
    }
  };
  for (const { subject, queue } of claims()?.subscriptions ?? []) {
    client.subscribe(subject, (received) => desk.inTurn(() => answer(received)), queue);
  }
}

/** `$SYS.REQ.ACCOUNT.<this>.…` */
export function accountIn(subject: string): string {
  return subject.split('.')[3] ?? '';
}

function isMonitored(connection: object | undefined): connection is MonitoredConnection {
  return connection !== undefined && 'startedAt' in connection;
}
