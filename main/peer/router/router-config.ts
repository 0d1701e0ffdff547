/** The section `router` of the configuration: how this peer's NATS server is reached, if at all. */
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import type { RouterOptions } from '../../router/options.ts';

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];
const Key = z.string().regex(/^A[A-Z2-7]{55}$/, 'a peer key is A and 55 base32 characters');
const Place = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]+\]|[^:\s/\\]+):\d{1,5}$/, 'a place to listen is host:port')
  .refine((text) => placeOf(text).port <= 65_535, 'a port is at most 65535');
const LocalPlace = Place.refine(
  (text) => LOOPBACK.includes(placeOf(text).host),
  'whoever connects to a bridge acts as this peer: it listens on 127.0.0.1, ::1 or localhost alone',
);
const SocketPath = z.string().refine(isSocketPath, 'a Unix socket is an absolute path');
const Subjects = z.array(z.string().min(1).max(1_024)).min(1).max(64);

export const RouterConfigSchema = z
  .strictObject({
    /** Clients of this machine over TCP. */
    listen: Place.optional(),
    /** Clients of this machine over a Unix socket or a named pipe. */
    unix: SocketPath.optional(),
    websocket: z
      .strictObject({
        listen: Place,
        /** Pages that may connect; default: none but those from the listener's own address. */
        origins: z.array(z.string().min(1)).max(64).optional(),
      })
      .optional(),
    authorization: z
      .strictObject({
        user: z.string().min(1).optional(),
        password: z.string().min(1).optional(),
        token: z.string().min(1).optional(),
      })
      .optional(),
    /** Outside NATS servers that this router joins as a leaf node. */
    remotes: z
      .array(
        z.strictObject({ url: z.string().min(1).max(512), creds: z.string().min(1).optional() }),
      )
      .max(16)
      .default([]),
    /** Contacts whose router and this one are joined, leaf to hub. */
    leaves: z
      .array(
        z.strictObject({
          peer: Key,
          /** This side opens the connection; set it on one side only. */
          dial: z.boolean().default(false),
          /** What may pass, in both directions; set where `dial` is not. */
          subjects: Subjects.default(['>']),
        }),
      )
      .max(64)
      .default([]),
    /** Listeners behind which the router of a contact is. */
    bridges: z
      .array(z.strictObject({ listen: z.union([LocalPlace, SocketPath]), peer: Key }))
      .max(64)
      .default([]),
  })
  .superRefine(({ listen, websocket, authorization }, context) => {
    const { user, password, token } = authorization ?? {};
    const isProtected = token !== undefined || (user !== undefined && password !== undefined);
    const places = { listen, 'websocket.listen': websocket?.listen };
    for (const [path, place] of Object.entries(places)) {
      if (isProtected || place === undefined) continue;
      if (LOOPBACK.includes(placeOf(place).host)) continue;
      const message = 'others than this machine may connect only with authorization';
      context.addIssue({ code: 'custom', path: path.split('.'), message });
    }
  });

export type RouterConfig = z.output<typeof RouterConfigSchema>;

/** What the router is made with. */
export function routerOptions(config: RouterConfig, name: string): RouterOptions {
  const { listen, unix, websocket, authorization, remotes } = config;
  return {
    serverName: name,
    ...(listen !== undefined && { listen: placeOf(listen) }),
    ...(unix !== undefined && { unixSocket: unix }),
    ...(websocket !== undefined && {
      websocket: {
        ...placeOf(websocket.listen),
        noTls: true,
        compression: true,
        ...(websocket.origins === undefined
          ? { sameOrigin: true }
          : { allowedOrigins: websocket.origins }),
      },
    }),
    ...(authorization !== undefined && {
      authorization: {
        ...(authorization.user !== undefined && { user: authorization.user }),
        ...(authorization.password !== undefined && { password: authorization.password }),
        ...(authorization.token !== undefined && { token: authorization.token }),
      },
    }),
    ...(remotes.length > 0 && {
      leafnodes: {
        remotes: remotes.map(({ url, creds }) => ({
          urls: [url],
          ...(creds !== undefined && { credentials: creds }),
        })),
      },
    }),
  };
}

/** `host:port` or `[::1]:port`; 0: any free port. */
export function placeOf(text: string): { host: string; port: number } {
  const colon = text.lastIndexOf(':');
  return {
    host: text.slice(0, colon).replace(/^\[|\]$/g, ''),
    port: Number(text.slice(colon + 1)),
  };
}

export function isSocketPath(text: string): boolean {
  return isAbsolute(text) || text.startsWith('\\\\.\\pipe\\');
}
