import { constants } from 'node:os';

/** What the process ends with; docs/cli.md lists them. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  peerNotRunning: 3,
} as const;

/** 128 and the signal's number, as shells count: 130 for SIGINT, 143 for SIGTERM. */
export function exitCodeOfSignal(signal: NodeJS.Signals): number {
  return 128 + (constants.signals[signal] ?? 0);
}
