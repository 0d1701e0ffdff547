import type { WebsocketOptions } from '../../options.ts';
import type { Report } from '../problems.ts';
import {
  readBoolean,
  readFields,
  readInteger,
  readMap,
  readString,
  readStrings,
  readTimeout,
  type Draft,
} from '../read.ts';
import type { ConfigNode } from '../tree.ts';
import { readLogin } from './authorization.ts';
import { checkedPort, readListen } from './listen.ts';
import { readTls } from './tls.ts';

/** `websocket { … }`; undefined when no port is named, which opens no listener. */
export function readWebsocket(node: ConfigNode, report: Report): WebsocketOptions | undefined {
  const draft: Draft<WebsocketOptions> = { host: '', port: 0 };
  readFields(
    readMap(node),
    {
      listen: (field) => Object.assign(draft, readListen(field)),
      port: (field) => (draft.port = checkedPort(field, readInteger(field))),
      'host|net': (field) => (draft.host = readString(field)),
      advertise: (field) => (draft.advertise = readString(field)),
      no_tls: (field) => (draft.noTls = readBoolean(field)),
      tls: (field) => {
        const tls = readTls(field, report);
        if (tls !== undefined) draft.tls = tls;
      },
      same_origin: (field) => (draft.sameOrigin = readBoolean(field)),
      'allowed_origins|allowed_origin|allow_origins|allow_origin|origins|origin': (field) =>
        (draft.allowedOrigins = readStrings(field)),
      handshake_timeout: (field) => (draft.handshakeTimeout = readTimeout(field)),
      'compress|compression': (field) => (draft.compression = readBoolean(field)),
      'authorization|authentication': (field) => (draft.authorization = readLogin(field, report)),
      jwt_cookie: (field) => (draft.jwtCookie = readString(field)),
      no_auth_user: (field) => (draft.noAuthUser = readString(field)),
    },
    report,
  );
  if (draft.port === 0) return undefined;
  if (draft.host === '') draft.host = '0.0.0.0';
  return draft;
}
