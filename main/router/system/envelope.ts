/** What stands around every answer and event: which server says it, when, and as which one of its messages. */
import { promisify } from 'node:util';
import { builtin } from '../../base/builtins.ts';
import { COMPATIBLE_VERSION } from '../defaults.ts';
import { timeText } from '../monitor/go-format.ts';
import { jsonText } from '../monitor/json-text.ts';
import type { RouterView } from '../monitor/view.ts';
import type { Received, SystemClient } from './system-client.ts';

export type Answer =
  | { readonly data?: unknown }
  | { readonly error: { readonly code: number; readonly description?: string } };

/** nats-server's ServerInfo in events. */
export class Envelope {
  readonly #router: RouterView;
  #seq = 0;

  constructor(router: RouterView) {
    this.#router = router;
  }

  server(): object {
    const { name, id, options } = this.#router;
    const tags = options.serverTags ?? [];
    return {
      name,
      host: this.#router.serverInfo().host,
      id,
      ver: COMPATIBLE_VERSION,
      tags: tags.length > 0 ? tags : undefined,
      jetstream: false,
      flags: 0,
      seq: ++this.#seq,
      time: timeText(Date.now()),
    };
  }

  /** Answers in JSON, compressed if the asker takes that. */
  async respond(client: SystemClient, to: Received, answer: Answer): Promise<void> {
    if (to.reply === '') return;
    const text = await jsonText({ server: this.server(), ...answer });
    const accepted = 'error' in answer ? '' : headerOf(to.headers, 'accept-encoding');
    if (accepted === '') client.publish(to.reply, text);
    else if (/gzip/i.test(accepted) && !/snappy|s2/i.test(accepted)) {
      client.publishBytes(to.reply, await promisify(builtin('node:zlib').gzip)(text), [
        'Content-Encoding: gzip',
      ]);
    } else {
      client.publish(to.reply, text, ['Content-Encoding: identity']);
    }
  }
}

function headerOf(headers: string, name: string): string {
  for (const line of headers.split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    if (colon > 0 && line.slice(0, colon).toLowerCase() === name)
      return line.slice(colon + 1).trim();
  }
  return '';
}
