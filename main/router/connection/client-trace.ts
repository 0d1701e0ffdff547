/** How the log names a client, and what it is told of each line that comes and goes (`-V`). */
import type { ConnectOptions } from '../protocol/connect-options.ts';
import { quote } from '../protocol/quote.ts';
import { fromWire, toWire } from '../subject/wire.ts';
import type { Message } from './message.ts';
import type { Hub } from './hub.ts';
import type { Subscription } from './subscription.ts';

/** Fields of CONNECT whose values stay out of the log. */
const SECRETS = /("(?:pass|auth_token|jwt|sig)"\s*:\s*")(?:[^"\\]|\\.)*"/gi;

export class ClientTrace {
  readonly #hub: Hub;
  readonly #address: string;
  #label: string;

  /** @param host and port of the other end; empty and 0 where there is none */
  constructor(hub: Hub, id: number, host: string, port: number) {
    this.#hub = hub;
    const address = host.includes(':') ? `[${host}]` : host;
    const where = host === '' ? '' : `${address}:${String(port)} - `;
    this.#address = `${where}cid:${String(id)}`;
    this.#label = this.#address;
  }

  /** CONNECT says who it is: version, language and name, as far as they are given. */
  named({ version, lang, name }: ConnectOptions): void {
    const parts = [version === '' ? '' : `v${version}`, lang, name].filter((part) => part !== '');
    this.#label = `${this.#address}${parts.length === 0 ? '' : ` - ${fromWire(quote(toWire(parts.join(':'))))}`}`;
  }

  get label(): string {
    return this.#label;
  }

  get on(): boolean {
    return this.#hub.log.tracing;
  }

  /** A control line that came; wire strings. */
  came(operation: string, argument = ''): void {
    const shown = operation === 'CONNECT' ? withoutSecrets(argument) : argument;
    this.#write('<<-', `[${operation}${shown === '' ? '' : ` ${shown}`}]`);
  }

  payloadCame(payload: Uint8Array): void {
    const longest = this.#hub.limits.maxTracedMessageLength;
    const cut = longest > 0 && payload.length > longest;
    const wire = Buffer.from(cut ? payload.subarray(0, longest) : payload).toString('latin1');
    this.#write('<<-', `MSG_PAYLOAD: [${cut ? `${quote(wire).slice(0, -1)}..."` : quote(wire)}]`);
  }

  went(line: string): void {
    this.#write('->>', `[${line.trimEnd()}]`);
  }

  delivered({ sid }: Subscription, message: Message, headers: boolean): void {
    const { headerSize, size } = message;
    const verb = headerSize >= 0 && headers ? 'HMSG' : 'MSG';
    const sizes = headerSize < 0 ? [size] : headers ? [headerSize, size] : [size - headerSize];
    const reply = message.replyText();
    const words = [verb, message.subjectText(), sid, ...(reply === '' ? [] : [reply]), ...sizes];
    this.#write('->>', `[${words.join(' ')}]`);
  }

  #write(direction: string, text: string): void {
    this.#hub.log.trace(`${this.#label} - ${direction} ${fromWire(text)}`);
  }
}

/** The argument of a CONNECT as the log may have it. */
export function withoutSecrets(argument: string): string {
  return argument.replace(SECRETS, '$1[REDACTED]"');
}
