/** A router with a system account, and clients in this process to ask and to listen. */
import type { InProcessClient } from '../../../main/router/listen/in-process/client.ts';
import type { RouterOptions } from '../../../main/router/options.ts';
import { RawClient, startRouter, type TestRouter } from '../listen/support.ts';

export interface Answer {
  readonly server: Record<string, unknown>;
  readonly data?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly description: string };
}

export interface SystemRouter extends AsyncDisposable {
  readonly running: TestRouter;
  readonly system: InProcessClient;
  /** Asks in the system account. */
  ask(subject: string, body?: unknown): Promise<Answer>;
  /** The events on a subject of the system account from now on, as they come. */
  listen(subject: string): AsyncIterator<Record<string, unknown>>;
}

export const accounts = [
  { name: 'SYS', users: [{ user: 'sys', password: 'pw' }] },
  {
    name: 'A',
    users: [
      { user: 'a', password: 'pw' },
      {
        user: 'limited',
        password: 'pw',
        permissions: {
          publish: { allow: ['$SYS.REQ.USER.INFO', 'foo'] },
          subscribe: { deny: ['secret'] },
          responses: { max: 2, expires: 1_000 },
        },
      },
    ],
  },
] as const;

export async function systemRouter(options: RouterOptions = {}): Promise<SystemRouter> {
  const running = await startRouter({
    serverName: 'one',
    serverTags: ['Blue'],
    listen: { host: '127.0.0.1', port: -1 },
    accounts,
    systemAccount: 'SYS',
    ...options,
  });
  const system = running.router.client({ account: 'SYS', name: 'watcher' });
  return {
    running,
    system,
    async ask(subject, body) {
      const payload =
        body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
      const { payload: bytes } = await system.request(subject, Buffer.from(payload));
      return JSON.parse(Buffer.from(bytes).toString()) as Answer;
    },
    listen(subject) {
      const messages = system.messages(subject);
      async function* events(): AsyncGenerator<Record<string, unknown>> {
        for await (const { payload } of messages)
          yield JSON.parse(Buffer.from(payload).toString()) as Record<string, unknown>;
      }
      return events();
    },
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
    },
  };
}

export async function login(port: number, user: string, fields: object = {}): Promise<RawClient> {
  const raw = RawClient.to(port);
  await raw.until('INFO');
  raw.send(
    `CONNECT ${JSON.stringify({ verbose: false, user, pass: 'pw', ...fields })}\r\nPING\r\n`,
  );
  await raw.until('PONG');
  return raw;
}
