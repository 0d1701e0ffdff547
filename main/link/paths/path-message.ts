/**
 * What peers tell each other about paths (docs/protocol.md "Paths"): small sealed messages that travel among
 * a session's datagrams. QUIC's own begin with a byte of 0x40 or more (RFC 9000 section 17).
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { PathKeys } from '../types.ts';
import { ReplayWindow } from './replay-window.ts';

const FIRST_BYTE = 0x01;
const COUNTER_BYTES = 6;
const HEAD = 1 + COUNTER_BYTES;
const SEAL = 16;
const PING = 1;
const PONG = 2;
const MAX_TEXT = 64;
/** A ping may be as long as the packets of a path. */
const LONGEST = 2_048;

export type PathMessage =
  | { readonly type: 'ping'; readonly counter: number }
  /** @property from where the ping seemed to come from, as `host:port`; empty when that means nothing */
  | { readonly type: 'pong'; readonly answers: number; readonly from: string };

/** Whether a session's datagram is about paths, and not QUIC's. */
export function isPathMessage(datagram: Uint8Array): boolean {
  return (datagram[0] ?? 0xff) < 0x40;
}

/** Seals and opens the messages of one session; each is opened once. */
export class PathMessages {
  readonly #sendKey: Uint8Array;
  readonly #receiveKey: Uint8Array;
  readonly #window = new ReplayWindow();
  #counter = 0;

  constructor(keys: PathKeys, role: 'dialler' | 'acceptor') {
    this.#sendKey = keys[role];
    this.#receiveKey = keys[role === 'dialler' ? 'acceptor' : 'dialler'];
  }

  /**
   * @param bytes how long the datagram is to be, at most 2,048; where that is too little, as short as it can be
   * @returns the datagram, and the counter that its answer will name
   */
  ping(bytes = 0): { readonly datagram: Uint8Array; readonly counter: number } {
    const counter = this.#counter;
    const body = Buffer.alloc(Math.max(1, Math.min(bytes, LONGEST) - HEAD - SEAL));
    body[0] = PING;
    return { datagram: this.#seal(body), counter };
  }

  pong(answers: number, from: string): Uint8Array {
    const body = Buffer.alloc(1 + COUNTER_BYTES);
    body[0] = PONG;
    body.writeUIntBE(answers, 1, COUNTER_BYTES);
    return this.#seal(Buffer.concat([body, Buffer.from(from.slice(0, MAX_TEXT), 'latin1')]));
  }

  /** Undefined for anything that the other side did not seal, and for what was opened before. */
  open(datagram: Uint8Array): PathMessage | undefined {
    if (datagram[0] !== FIRST_BYTE || datagram.length < HEAD + 1 + SEAL) return undefined;
    if (datagram.length > LONGEST) return undefined;
    const bytes = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.length);
    const body = this.#unseal(bytes);
    const counter = bytes.readUIntBE(1, COUNTER_BYTES);
    if (body === undefined || !this.#window.take(counter)) return undefined;
    if (body[0] === PING) return { type: 'ping', counter };
    if (body[0] !== PONG || body.length < 1 + COUNTER_BYTES) return undefined;
    return {
      type: 'pong',
      answers: body.readUIntBE(1, COUNTER_BYTES),
      from: body.toString('latin1', 1 + COUNTER_BYTES),
    };
  }

  #seal(body: Buffer): Uint8Array {
    const head = Buffer.alloc(HEAD);
    head[0] = FIRST_BYTE;
    head.writeUIntBE(this.#counter, 1, COUNTER_BYTES);
    this.#counter += 1;
    const cipher = createCipheriv('aes-256-gcm', this.#sendKey, nonceOf(head));
    cipher.setAAD(head);
    const sealed = [cipher.update(body), cipher.final()];
    return Buffer.concat([head, ...sealed, cipher.getAuthTag()]);
  }

  #unseal(bytes: Buffer): Buffer | undefined {
    const head = bytes.subarray(0, HEAD);
    const decipher = createDecipheriv('aes-256-gcm', this.#receiveKey, nonceOf(head));
    decipher.setAAD(head);
    decipher.setAuthTag(bytes.subarray(bytes.length - SEAL));
    const body = decipher.update(bytes.subarray(HEAD, bytes.length - SEAL));
    try {
      return Buffer.concat([body, decipher.final()]);
    } catch {
      // Anybody can send such bytes; they are nothing then.
      return undefined;
    }
  }
}

/** 96 bits with the counter at their end: each is used once under its key. */
function nonceOf(head: Buffer): Buffer {
  const nonce = Buffer.alloc(12);
  head.copy(nonce, 12 - COUNTER_BYTES, 1, HEAD);
  return nonce;
}
