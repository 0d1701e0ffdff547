import type { Socket } from 'node:net';
import type { NatsConnection } from 'nats';
import type { Lane, LaneOptions } from '../types.ts';
import { FrameSplitter } from './frame-splitter.ts';
import { Outbox } from './outbox.ts';

/**
 * The datagrams of sessions on the socket of one NATS client, past the client: at 16 KiB a message, nats.js
 * spends more than QUIC does. The client keeps what is its own: connecting, logging in, subscribing (also
 * again after a reconnect), pings and errors.
 */
export class Lanes {
  readonly #routes = new Map<number, (payload: Uint8Array) => void>();
  readonly #outbox = new Outbox();
  #socket: Socket | undefined;

  /** Takes over what a fresh socket receives; `pass` is the client's own listener. Before its first message. */
  adopt(socket: Socket, pass: (bytes: Buffer) => void): (chunk: Buffer) => void {
    this.#socket = socket;
    const splitter = new FrameSplitter(this.#routes, pass);
    return (chunk) => splitter.push(chunk);
  }

  /** The client is logged in. Returns false when its socket is not one that was adopted. */
  begin(): boolean {
    const socket = this.#socket;
    if (socket === undefined || socket.destroyed) return false;
    this.#outbox.attach(socket);
    return true;
  }

  end(): void {
    this.#socket = undefined;
    this.#outbox.attach(undefined);
  }

  open(client: NatsConnection, options: LaneOptions): Lane {
    const head = Buffer.from(`PUB ${options.send} `, 'latin1');
    // The client never calls this: the route takes all messages, and its owner hears of errors elsewhere.
    const subscription = client.subscribe(options.receive, { callback: () => undefined });
    const sid = subscription.getID();
    this.#routes.set(sid, options.onDatagram);
    const off = this.#outbox.onDrain(options.onDrain);
    return {
      send: (payload) => this.#outbox.send(head, payload),
      close: () => {
        off();
        // Another client counts its subscriptions anew: the number may be another lane's by now.
        if (this.#routes.get(sid) === options.onDatagram) this.#routes.delete(sid);
        if (!client.isClosed()) subscription.unsubscribe();
      },
    };
  }
}
