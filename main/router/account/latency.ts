/** Latency samples of services (nats-server's ServiceLatency), published in the account that exports. */
import { Message } from '../connection/message.ts';
import type { Connection } from '../connection/connection.ts';
import { timeText } from '../monitor/go-format.ts';
import { toWire } from '../subject/wire.ts';
import type { Account } from './account.ts';
import { clientInfo, type ClientInfo } from './client-info.ts';
import { goJson } from '../monitor/go-json.ts';
import { randomToken } from './random-token.ts';
import type { SampleHeaders } from './sampling.ts';

const TYPE = 'io.nats.server.metric.v1.service_latency';
/** Length of event ids, as NUIDs have. */
const ID_LENGTH = 22;

/** A request that a sample is made of. */
export interface SampledRequest {
  /** Where the sample goes; an ordinary string. */
  readonly subject: string;
  readonly requestor: Connection | undefined;
  readonly share: boolean;
  readonly headers: SampleHeaders;
  /** Unix ms, with a fraction. */
  readonly startedAt: number;
}

export type Failure = keyof typeof failures;

const failures = {
  'no-reply': { status: 400, description: 'Bad Request' },
  'interest-lost': { status: 408, description: 'Request Timeout' },
  'no-responders': { status: 503, description: 'Service Unavailable' },
  timeout: { status: 504, description: 'Service Timeout' },
} as const;

/** @param server name of this router */
export function sendFailure(
  account: Account,
  request: SampledRequest,
  failure: Failure,
  server: string,
): void {
  const requestor = clientInfo(request.requestor, request.share ? server : undefined);
  send(account, request, {
    ...failures[failure],
    requestor,
    ...timing(request, requestor, 0, 0, 0),
  });
}

/** The answer has come just now. */
export function sendSuccess(
  account: Account,
  request: SampledRequest,
  responder: Connection | undefined,
  server: string,
): void {
  const requestor = clientInfo(request.requestor, request.share ? server : undefined);
  const responding = clientInfo(responder, server);
  const took = Math.trunc((now() - request.startedAt) * 1e6);
  const service = Math.max(took - (responding?.rtt ?? 0), 0);
  send(account, request, {
    status: 200,
    requestor,
    responder: responding,
    ...timing(request, requestor, service, 0, took + (requestor?.rtt ?? 0)),
  });
}

/** Unix ms, with a fraction. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

interface Timing {
  readonly header: SampleHeaders | undefined;
  readonly start: string;
  /** Nanoseconds. */
  readonly service: number;
  readonly system: number;
  readonly total: number;
}

function timing(
  { headers, startedAt }: SampledRequest,
  requestor: ClientInfo | undefined,
  service: number,
  system: number,
  total: number,
): Timing {
  return {
    header: Object.keys(headers).length === 0 ? undefined : headers,
    start: timeText(startedAt - (requestor?.rtt ?? 0) / 1e6),
    service,
    system,
    total,
  };
}

/** After what is under way has been delivered. */
function send(account: Account, { subject }: SampledRequest, fields: object): void {
  const event = { type: TYPE, id: randomToken(ID_LENGTH), timestamp: timeText(Date.now()) };
  const body = Buffer.from(goJson({ ...event, ...fields }));
  setImmediate(() => {
    const message = new Message();
    message.setSubject(toWire(subject));
    message.setForeign(body);
    message.setLine('', -1, body.length);
    account.deliver(message, undefined);
  });
}
