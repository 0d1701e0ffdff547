import { CommanderError } from 'commander';
import { codeOf, messageOf } from '../base/errors.ts';
import type { ErrorInfo } from '../api/contract.ts';
import { CliError } from './errors.ts';
import { exitCodes } from './exit-codes.ts';
import { jsonLine, printable } from './output/printable.ts';

/** Codes of the API's client: nobody answered, or nobody does any more. */
const PEER_GONE: ReadonlySet<string> = new Set(['not-running', 'connection-lost']);

/** An end with an exit code of its own, e.g. 130 after Ctrl-C. */
export class Interrupted extends CliError {
  readonly exitCode: number;

  constructor(message: string, exitCode: number, hint = '') {
    super('interrupted', message, { hint });
    this.exitCode = exitCode;
  }
}

/** The failure of something that the peer reported in its answer, e.g. a transfer's error. */
export class ReportedFailure extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(info: ErrorInfo) {
    super(info.message);
    this.code = info.code;
    this.hint = info.hint;
  }
}

/** Commander's message, `error: unknown option '--x'\n(Did you mean --y?)`, as a sentence. */
function usageSentence({ message }: CommanderError): string {
  const text = message
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim();
  const sentence = `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return /[.)?]$/.test(sentence) ? sentence : `${sentence}.`;
}

function hintOf(error: unknown): string {
  const known = typeof error === 'object' && error !== null && 'hint' in error;
  return known && typeof error.hint === 'string' ? error.hint : '';
}

/** What went wrong, for people and programs. `command` is the one to ask for help about. */
export function errorInfoOf(error: unknown, command: string): ErrorInfo {
  if (error instanceof CommanderError) {
    const missing = error.code === 'commander.help';
    const message = missing ? 'No command was given.' : usageSentence(error);
    return { code: 'usage', message, hint: `See \`${command} --help\`.` };
  }
  return { code: codeOf(error) ?? 'internal', message: messageOf(error), hint: hintOf(error) };
}

/** The exit code that belongs to anything that was thrown. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) return error.exitCode;
  if (error instanceof CommanderError) return exitCodes.usage;
  const code = codeOf(error) ?? '';
  if (code === 'usage') return exitCodes.usage;
  return PEER_GONE.has(code) ? exitCodes.peerNotRunning : exitCodes.failure;
}

/** The one line about a failure, with its line end: `skerry: <sentence> <hint>` or `{"error":…}`. */
export function failureLine(info: ErrorInfo, json: boolean): string {
  if (json) return `${jsonLine({ error: info })}\n`;
  const text = [info.message, info.hint].filter((part) => part !== '').join(' ');
  return `skerry: ${printable(text.replace(/\s+/g, ' ').trim())}\n`;
}
