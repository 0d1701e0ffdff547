import { messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Stream } from '../../link/types.ts';
import { decodeCbor, encodeCbor } from '../../base/cbor.ts';
import { FrameReader } from '../frame-reader.ts';
import { FrameWriter } from '../frame-writer.ts';
import { WireError, toWire } from '../wire-errors.ts';
import {
  FRAME_HEADER_BYTES,
  FrameKind,
  MAX_REQUEST_BYTES,
  Request,
  writeFrameHeader,
} from '../wire.ts';
import { Outbox, type Answer, type OutFrame, type OutItem } from './outbox.ts';

/** Frames read ahead on one stream: 4 MiB of chunks. */
const READ_AHEAD = 16;
/** A reader that takes nothing for this long is let go. */
const STALL_MS = 60_000;

/** Adds the frames of one answer; what it throws becomes the answer's error frame. */
export type Plan = (request: Request, stream: ServedStream) => Promise<void>;

/** One stream of a reader: requests in, answers out in the same order. */
export class ServedStream {
  readonly stream: Stream;
  readonly outbox = new Outbox(READ_AHEAD);
  /** Aborted when the stream ends, whatever the reason. */
  readonly ended = new AbortController();
  readonly #reader: FrameReader;
  readonly #writer: FrameWriter;
  readonly #log: Log;
  #progressAt = performance.now();
  #writing = false;

  constructor(stream: Stream, log: Log) {
    this.stream = stream;
    this.#reader = new FrameReader(stream);
    this.#writer = new FrameWriter(stream);
    this.#log = log;
  }

  /** Serves until the reader ends the stream. Rejects when the stream breaks or the reader misbehaves. */
  async serve(plan: Plan): Promise<void> {
    const watch = setInterval(() => {
      if (this.#writing && performance.now() - this.#progressAt > STALL_MS) this.stream.abort();
    }, STALL_MS / 4).unref();
    const writing = this.#write();
    // A write that fails must also end every wait: for requests, for room, for buffers.
    writing.catch((error: unknown) => this.#end(error as Error));
    try {
      for (
        let head = await this.#reader.next();
        head !== undefined;
        head = await this.#reader.next()
      ) {
        if (head.kind !== FrameKind.message) throw new Error('no request');
        const payload = await this.#reader.payload(head, MAX_REQUEST_BYTES);
        await this.outbox.room();
        await this.#answer(payload, plan);
      }
      this.outbox.close();
      await writing;
    } finally {
      clearInterval(watch);
      this.#end(new Error('the stream has ended'), false);
    }
  }

  #end(reason: Error, abort = true): void {
    this.ended.abort(reason);
    this.outbox.break(reason);
    if (abort) this.stream.abort();
  }

  async #answer(payload: Uint8Array, plan: Plan): Promise<void> {
    let request: Request;
    try {
      request = Request.parse(decodeCbor(payload, MAX_REQUEST_BYTES));
    } catch {
      // What is wrong with it is the reader's business.
      this.fail({ ended: false, cut: undefined }, new WireError('bad-request'));
      return;
    }
    await plan(request, this);
  }

  /** Ends an answer with an error frame. */
  fail(answer: Answer, error: unknown): void {
    this.outbox.add(answer, Promise.reject(error as Error));
  }

  /** Answers with one frame. */
  reply(answer: Answer, kind: number, payload: Uint8Array): void {
    const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payload.length);
    writeFrameHeader(bytes, kind, payload.length);
    bytes.set(payload, FRAME_HEADER_BYTES);
    this.outbox.add(answer, Promise.resolve({ bytes }));
  }

  async #write(): Promise<void> {
    for (;;) {
      let item = this.outbox.peek();
      if (item === undefined) {
        await this.#timed(this.#writer.flush());
        item = await this.outbox.next();
        if (item === undefined) return;
      }
      if (!item.ready) await this.#timed(this.#writer.flush());
      try {
        await this.#send(item);
      } finally {
        this.outbox.shift();
      }
    }
  }

  async #send({ answer, frame }: OutItem): Promise<void> {
    let out: OutFrame;
    try {
      out = await frame;
    } catch (error) {
      if (!answer.ended) await this.#sendError(answer, error);
      return;
    }
    try {
      if (answer.ended) return;
      if (answer.cut?.aborted === true) await this.#sendError(answer, new WireError('unshared'));
      else await this.#timed(this.#writer.framed(out.bytes));
    } finally {
      out.release?.();
    }
  }

  async #sendError(answer: Answer, error: unknown): Promise<void> {
    answer.ended = true;
    const code = toWire(error);
    if (code === 'internal')
      this.#log.error({ err: error }, `answering failed: ${messageOf(error)}`);
    await this.#timed(this.#writer.frame(FrameKind.error, encodeCbor(code)));
  }

  async #timed(write: Promise<void>): Promise<void> {
    this.#writing = true;
    this.#progressAt = performance.now();
    await write;
    this.#writing = false;
  }
}
