/** A case as it runs on one server: wires, steps, and the transcript of all that came back. */
import { request } from 'node:http';
import type { ServerProcess } from '../support/router-process.ts';
import { normaliseJson, normaliseText, renderWire } from './normalise.ts';
import { pause, Wire, type Bytes } from './wire.ts';

/** After a close the server still forgets the connection's subscriptions. */
const FORGET_MS = 2;
/** Lines that a server will probably take for a PING. */
const ownPing = /(?:^|\n)\s*ping/gi;

/** What a configuration says about how its wires log in. */
export type Login = (name: string, wire: Wire) => object;

export interface Openness {
  /** Which listener; clients' when absent. */
  readonly to?: 'client' | 'leafnodes';
  /** Sends CONNECT with the configuration's login, or these fields on top; not when false. */
  readonly connect?: false | object;
}

/** What a wire says when nothing else was asked for. */
export const plainConnect = {
  verbose: false,
  pedantic: false,
  tls_required: false,
  name: '',
  lang: 'test',
  version: '1.0.0',
  protocol: 1,
  echo: true,
  headers: true,
  no_responders: true,
};

export class Session {
  readonly server: ServerProcess;
  readonly #login: Login;
  readonly #wires = new Map<string, Wire>();
  readonly #labels: string[] = [];
  readonly #notes: { step: number; text: string }[] = [];

  constructor(server: ServerProcess, login: Login = () => ({})) {
    this.server = server;
    this.#login = login;
  }

  wire(name: string): Wire | undefined {
    return this.#wires.get(name);
  }

  #begin(label: string): void {
    this.#labels.push(label);
  }

  /** Opens a connection, waits for INFO, and logs in. */
  async open(name: string, { to = 'client', connect = {} }: Openness = {}): Promise<Wire> {
    this.#begin(`${name} opens`);
    const port = this.server.ports[to];
    if (port === undefined) throw new Error(`no ${to} port`);
    const wire = new Wire(name, port, () => this.#labels.length - 1);
    this.#wires.set(name, wire);
    await wire.when(() => wire.frames.length > 0, 2_000);
    if (connect !== false) {
      const fields = { ...plainConnect, ...this.#login(name, wire), ...connect };
      wire.answers = true;
      await wire.ask([`CONNECT ${JSON.stringify(fields)}\r\n`], 0);
      await this.settle();
    }
    return wire;
  }

  /** Whole operations, perhaps in pieces; then waits until everything that they cause has come. */
  async send(wire: Wire, ...pieces: readonly Bytes[]): Promise<void> {
    this.#begin(`${wire.name} sends ${pieces.map(quoted).join(' + ')}`);
    const open = this.#open;
    wire.answers = true;
    const text = pieces.map((piece) => piece.toString('latin1')).join('');
    await wire.ask(pieces, text.match(ownPing)?.length ?? 0);
    if (this.#open < open) await pause(FORGET_MS);
    if (this.#wires.size > 1) await this.settle();
  }

  /** Part of an operation: nothing is waited for, and the wire is not asked for PONGs until the next send. */
  async push(wire: Wire, ...pieces: readonly Bytes[]): Promise<void> {
    this.#begin(`${wire.name} pushes ${pieces.map(quoted).join(' + ')}`);
    wire.answers = false;
    await wire.write(pieces);
    await pause(1);
  }

  /** Anything, and the end of the connection behind it: the server has dealt with it when it closes too. */
  async spoil(wire: Wire, bytes: Buffer): Promise<void> {
    this.#begin(`${wire.name} sends ${quoted(bytes)} and closes`);
    wire.answers = false;
    await wire.write([Buffer.concat([bytes, Buffer.from('PING\r\n')])]);
    await wire.end();
    await pause(FORGET_MS);
    await this.settle();
  }

  async close(wire: Wire): Promise<void> {
    this.#begin(`${wire.name} closes`);
    await wire.end();
    await pause(FORGET_MS);
    await this.settle();
  }

  /** Waits until the wire has this many messages in all; the transcript shows if they do not come. */
  async messages(wire: Wire, count: number, ms = 2_000): Promise<void> {
    const have = (): number => wire.frames.filter((each) => each.payload !== undefined).length;
    await wire.when(() => have() >= count, ms);
    await this.settle();
  }

  /** Waits for something that comes by itself: a line, or the end of the connection. */
  async until(wire: Wire, what: RegExp, ms = 3_000): Promise<void> {
    this.#begin(`${wire.name} waits for ${what}`);
    await wire.when(() => wire.frames.some((each) => what.test(each.line)), ms);
    await pause(1);
  }

  async pause(ms: number): Promise<void> {
    await pause(ms);
    await this.settle();
  }

  get #open(): number {
    return [...this.#wires.values()].filter((wire) => !wire.closed).length;
  }

  /** When every wire has had an answer, what was on its way to it before has come. */
  async settle(): Promise<void> {
    const wires = [...this.#wires.values()];
    const open = this.#open;
    await Promise.all(wires.map((wire) => wire.roundTrip()));
    if (this.#open < open) {
      await pause(FORGET_MS);
      await Promise.all(wires.map((wire) => wire.roundTrip()));
    }
  }

  /** Adds a value to the transcript, normalised. */
  note(what: string, value: unknown): void {
    this.#begin(what);
    const text = typeof value === 'string' ? value : JSON.stringify(normaliseJson(value), null, 1);
    this.#notes.push({ step: this.#labels.length - 1, text });
  }

  /** Body and status of a monitoring page. */
  async page(path: string): Promise<{ status: number; type: string; body: string }> {
    const port = this.server.ports.monitoring;
    if (port === undefined) throw new Error('no monitoring port');
    const { promise, resolve, reject } = Promise.withResolvers<{
      status: number;
      type: string;
      body: string;
    }>();
    const asked = request({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('end', () => {
        const type = response.headers['content-type'] ?? '';
        resolve({ status: response.statusCode ?? 0, type, body });
      });
    });
    asked.on('error', reject);
    asked.end();
    return promise;
  }

  /** Closes what is open; the server has let go of it then. */
  async end(): Promise<void> {
    const open = [...this.#wires.values()].filter((wire) => !wire.closed);
    this.#begin('end');
    this.#over = this.#labels.length - 1;
    await Promise.all(open.map((wire) => wire.end()));
    if (open.length > 0) await pause(1);
  }

  #over = Infinity;

  /** Step by step what came on which wire. */
  transcript(): string {
    const lines: string[] = [];
    const rendered = [...this.#wires.values()].map((wire) => ({
      name: wire.name,
      steps: renderWire(wire.frames, this.server.ports),
    }));
    for (const [step, label] of this.#labels.entries()) {
      if (step >= this.#over) break;
      lines.push(`# ${normaliseText(label)}`);
      const shared: string[] = [];
      for (const { name, steps } of rendered) {
        const { own, queued } = steps.get(step) ?? { own: [], queued: [] };
        lines.push(...own.map((line) => `${name}: ${line}`));
        shared.push(...queued);
      }
      lines.push(...shared.sort().map((line) => `one of the queue: ${line}`));
      lines.push(...this.#notes.filter((note) => note.step === step).map((note) => note.text));
    }
    return lines.join('\n');
  }
}

const LABEL_CHARS = 200;

function quoted(bytes: Bytes): string {
  const text = JSON.stringify(typeof bytes === 'string' ? bytes : bytes.toString('latin1'));
  return text.length > LABEL_CHARS ? `${text.slice(0, LABEL_CHARS)}… (${bytes.length})` : text;
}
