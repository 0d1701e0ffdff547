/** Raw protocol clients of a router in this process. */
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { Router } from '../../../main/router/router.ts';
import type { RouterLog } from '../../../main/router/log.ts';
import type { AccountOptions, RouterOptions } from '../../../main/router/options.ts';

const WAIT_MS = 3_000;

/** A router on a free port whose accounts have one user each, called like the account, password `x`. */
export async function startRouter(
  accounts: readonly AccountOptions[],
  options: RouterOptions = {},
  log?: RouterLog,
): Promise<Router & AsyncDisposable> {
  const router = new Router(routerOptions(accounts, options), log);
  await router.start();
  return Object.assign(router, { [Symbol.asyncDispose]: () => router.stop() });
}

export function routerOptions(
  accounts: readonly AccountOptions[],
  options: RouterOptions = {},
): RouterOptions {
  return {
    listen: { host: '127.0.0.1', port: 0 },
    ...options,
    accounts: accounts.map((account) => ({
      users: [{ user: account.name, password: 'x' }],
      ...account,
    })),
  };
}

export class TestWire {
  readonly #socket: Socket;
  #text = '';
  #changed: (() => void)[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString('latin1');
      for (const changed of this.#changed.splice(0)) changed();
    });
    socket.on('close', () => {
      for (const changed of this.#changed.splice(0)) changed();
    });
    socket.on('error', () => {});
  }

  get text(): string {
    return this.#text;
  }

  get closed(): boolean {
    return this.#socket.closed;
  }

  /** `MSG` and `HMSG` with their bodies, each as `subject body`; headers left out. */
  get messages(): string[] {
    const pattern = /(?:^|\n)(H?)MSG (\S+) \S+ (?:\S+ )?(?:(\d+) )?(\d+)\r\n/g;
    const found: string[] = [];
    for (let match = pattern.exec(this.#text); match !== null; match = pattern.exec(this.#text)) {
      const at = match.index + match[0].length;
      const body = this.#text.slice(at, at + Number(match[4]));
      const headers = match[1] === 'H' ? body.indexOf('\r\n\r\n') + 4 : 0;
      found.push(`${match[2] ?? ''} ${body.slice(headers)}`);
      pattern.lastIndex = at + body.length;
    }
    return found;
  }

  /** Reply subjects of the messages so far. */
  get replies(): string[] {
    return [...this.#text.matchAll(/MSG \S+ \S+ (_R_\.\S+|\S*inbox\S*) \d/gi)].map(
      (match) => match[1] ?? '',
    );
  }

  send(...lines: readonly string[]): void {
    this.#socket.write(lines.map((line) => `${line}\r\n`).join(''), 'latin1');
  }

  /** Everything sent before has been worked on when it resolves. */
  async flush(): Promise<void> {
    const before = this.#text.split('PONG').length;
    this.send('PING');
    await this.until(() => this.#text.split('PONG').length > before);
  }

  async until(condition: () => boolean): Promise<void> {
    const end = Date.now() + WAIT_MS;
    while (!condition()) {
      if (this.closed || Date.now() > end) throw new Error(`waited in vain; got:\n${this.#text}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 20);
        this.#changed.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  async ended(): Promise<string> {
    if (!this.#socket.closed) await once(this.#socket, 'close');
    return this.#text;
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** Connects as the user of an account. */
export async function open(
  router: Router,
  account: string,
  fields: object = {},
): Promise<TestWire> {
  const port = Number(new URL(router.addresses().nats[0] ?? '').port);
  const socket = connect(port, '127.0.0.1');
  const wire = new TestWire(socket);
  const options = {
    verbose: false,
    pedantic: false,
    user: account,
    pass: 'x',
    protocol: 1,
    headers: true,
    no_responders: true,
    ...fields,
  };
  wire.send(`CONNECT ${JSON.stringify(options)}`);
  await wire.flush();
  return wire;
}

/** `PUB …` with its body. */
export function pub(subject: string, body = 'x', reply = ''): string {
  return `PUB ${subject} ${reply === '' ? '' : `${reply} `}${String(body.length)}\r\n${body}`;
}
