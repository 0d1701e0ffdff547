/** Routers for tests, and what came over a socket. */
import { connect as connectSocket, type Socket } from 'node:net';
import { type RouterLog } from '../../../main/router/log.ts';
import type { RouterOptions } from '../../../main/router/options.ts';
import { Router } from '../../../main/router/router.ts';

export interface TestRouter {
  readonly router: Router;
  /** Of the first listener for clients, or 0. */
  readonly port: number;
  /** Everything that was logged. */
  readonly lines: string[];
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startRouter(options: RouterOptions): Promise<TestRouter> {
  const lines: string[] = [];
  const keep = (line: string): void => void lines.push(line);
  const log: RouterLog = {
    debugging: true,
    tracing: false,
    info: keep,
    warn: keep,
    error: keep,
    debug: keep,
    trace: keep,
  };
  const router = new Router(options, log);
  await router.start();
  const [url] = router.addresses().nats;
  return {
    router,
    lines,
    port: url === undefined ? 0 : Number(new URL(url).port),
    async [Symbol.asyncDispose]() {
      await router.stop();
    },
  };
}

/** A raw client of the protocol. */
export class RawClient {
  readonly socket: Socket;
  text = '';
  readonly closed: Promise<void>;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      this.text += chunk.toString('latin1');
      this.#wake?.();
    });
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  static to(where: number | string): RawClient {
    return new RawClient(
      typeof where === 'number' ? connectSocket(where, '127.0.0.1') : connectSocket(where),
    );
  }

  send(text: string): void {
    this.socket.write(text);
  }

  /** Waits until the text has come, and answers everything up to it. */
  async until(text: string): Promise<string> {
    while (!this.text.includes(text)) {
      if (this.socket.destroyed) throw new Error(`closed before ${text}: ${this.text}`);
      await Promise.race([new Promise<void>((resolve) => (this.#wake = resolve)), this.closed]);
    }
    return this.text;
  }

  info(): Record<string, unknown> {
    return JSON.parse(/INFO (\{.*\})/.exec(this.text)?.[1] ?? '{}') as Record<string, unknown>;
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

/** Waits until it holds; looks every 5 ms. */
export async function eventually(holds: () => boolean, what: string): Promise<void> {
  for (const end = Date.now() + 5_000; !holds();) {
    if (Date.now() > end) throw new Error(`did not come: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
