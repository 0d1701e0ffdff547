/** Carries the contract's messages, one JSON text each, over a WebSocket or a MessagePort. */
export interface Transport {
  send(text: string): void;
  /** Idempotent; `onClose` is called once, also after this. */
  close(): void;
  /** Set once, before the first message can arrive. */
  onText: ((text: string) => void) | null;
  onClose: (() => void) | null;
}

/** Opens a transport; throws `NoSession` when only a new address helps, anything else is worth a retry. */
export type Dial = (signal: AbortSignal) => Promise<Transport>;

/** The peer answers, but does not know this browser (any more). */
export class NoSession extends Error {
  constructor() {
    super('This browser has no session with the peer.');
    this.name = 'NoSession';
  }
}
