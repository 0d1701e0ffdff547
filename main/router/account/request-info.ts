/** What `Nats-Request-Info` tells the exporting account: which account asks, and when it shares it, who. */
import type { Connection } from '../connection/connection.ts';
import type { Message } from '../connection/message.ts';
import { clientInfo, type ClientInfo } from './client-info.ts';
import { goJson } from '../monitor/go-json.ts';
import { headerBlock, headerValue } from './message-headers.ts';
import { REQUEST_INFO } from './pass-on.ts';
import type { ServiceImport } from './service-import.ts';

interface Remembered {
  readonly account: string | undefined;
  readonly rtt: number | undefined;
  readonly text: string;
}

/** What was told of a connection last, while nothing of it changes. */
const remembered = new WeakMap<Connection, Remembered>();

/**
 * The header's value; undefined when the message keeps what it has.
 *
 * @param share whether details may be told to the account that the request goes to
 */
export function requestInfo(
  service: ServiceImport,
  message: Message,
  from: Connection | undefined,
  share: boolean,
): string | undefined {
  if (from === undefined) return undefined;
  const { importer, exporter } = service;
  const server = exporter.context.serverName();
  const { isSystem } = exporter;
  if (message.via !== undefined && message.headerSize >= 0) {
    const info = readInfo(headerValue(headerBlock(message), REQUEST_INFO));
    if (info === undefined) return undefined;
    info.svc = importer.account.name;
    if (!share && (service.share || isSystem)) info.server = server;
    return goJson(ordered(info));
  }
  if (from.isLeaf && headerValue(headerBlock(message), REQUEST_INFO) !== undefined) {
    if (!service.share && !isSystem) return undefined;
    share = service.share;
  }
  if (!share && !isSystem) return briefInfo(from);
  const info = clientInfo(from, share ? server : undefined);
  return info && goJson(ordered({ ...info, server }));
}

function briefInfo(from: Connection): string | undefined {
  const info = clientInfo(from, undefined);
  if (info === undefined) return undefined;
  const known = remembered.get(from);
  if (known?.account === info.acc && known?.rtt === info.rtt) return known?.text;
  const text = goJson(info);
  remembered.set(from, { account: info.acc, rtt: info.rtt, text });
  return text;
}

const ORDER = [
  'start',
  'host',
  'id',
  'acc',
  'svc',
  'user',
  'name',
  'lang',
  'ver',
  'rtt',
  'server',
  'jwt',
  'issuer_key',
  'name_tag',
  'tags',
  'kind',
  'client_type',
] as const satisfies readonly (keyof ClientInfo)[];

function ordered(info: ClientInfo): object {
  return Object.fromEntries(ORDER.map((key) => [key, info[key]]));
}

function readInfo(text: string | undefined): ClientInfo | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    // Whatever a client has put there: it tells nothing.
    return undefined;
  }
}
