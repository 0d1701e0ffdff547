import type { AnyEvent, EventData } from '../../../main/api/contract.ts';

export const KEY = `A${'B'.repeat(55)}`;

const transfer: EventData<'transfer'> = {
  id: '',
  peer: KEY,
  peerName: 'Ada',
  share: 's1',
  shareName: 'Music',
  path: '',
  target: '/downloads/Music',
  state: 'transferring',
  error: null,
  files: { done: 0, total: 1 },
  bytes: { done: 0, total: 1_000_000 },
  stage: null,
  chunks: { received: 0, refetched: 0 },
  rateBytesPerSecond: 0,
  etaSeconds: null,
  startedAt: 1,
  finishedAt: null,
};

/** Progress of a transfer; `null` when it is gone. */
export function progress(id: string, done: number | null): AnyEvent {
  const data = done === null ? null : { ...transfer, id, bytes: { done, total: 1_000_000 } };
  return { event: 'transfer', subject: id, data };
}

/** What `progress` was told. */
export function doneOf(event: AnyEvent): number | null {
  return event.event === 'transfer' && event.data ? event.data.bytes.done : null;
}

export function notice(title: string): AnyEvent {
  const data = { kind: 'warning' as const, title, body: '', peer: null, transfer: null };
  return { event: 'notice', subject: '', data };
}
