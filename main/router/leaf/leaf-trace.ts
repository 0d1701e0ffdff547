/** Each line of a leaf node that comes and goes, for the log (`-V`). */
import { withoutSecrets } from '../connection/client-trace.ts';
import type { Message } from '../connection/message.ts';
import { fromWire } from '../subject/wire.ts';
import type { LeafHost } from './leaf-host.ts';

export class LeafTrace {
  readonly #host: LeafHost;
  readonly #label: string;

  /** @param label what the log calls the connection, with what separates it from the line */
  constructor(host: LeafHost, label: string) {
    this.#host = host;
    this.#label = label;
  }

  /** A control line that came; wire strings. */
  came(operation: string, argument: string): void {
    const shown = operation === 'CONNECT' ? withoutSecrets(argument) : argument;
    this.#write('<<-', shown === '' ? operation : `${operation} ${shown}`);
  }

  went(line: string): void {
    const shown = line.startsWith('CONNECT') ? withoutSecrets(line) : line;
    this.#write('->>', shown.trimEnd());
  }

  delivered(message: Message, queues: readonly string[] = []): void {
    const { headerSize, size } = message;
    const reply = message.replyText();
    const indicator = queues.length === 0 ? [] : [reply === '' ? '|' : '+'];
    const words = [headerSize >= 0 ? 'HMSG' : 'LMSG', message.subjectText(), ...indicator, reply];
    const sizes = headerSize >= 0 ? [headerSize, size] : [size];
    this.#write('->>', [...words, ...queues, ...sizes].filter((word) => word !== '').join(' '));
  }

  #write(direction: string, text: string): void {
    this.#host.log.trace(`${this.#label}${direction} ${fromWire(`[${text}]`)}`);
  }
}
