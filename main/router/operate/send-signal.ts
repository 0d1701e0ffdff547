/** `--signal command[=pid|pid file]`: tells a running server something and ends. */
import { readdirSync, readFileSync } from 'node:fs';
import { builtin } from '../../base/builtins.ts';
import { codeOf, messageOf } from '../../base/errors.ts';
import { PIPE_FOLDER, pidsOfPipes, pipeOf, sendControl } from './control-channel.ts';
import { isCommand, SIGNALS, type Command } from './signals.ts';

/** What the process calls itself, in process lists as here. */
export const PROCESS_TITLE = 'skerry-router';

export interface SignalHost {
  readonly pid: number;
  readonly platform: NodeJS.Platform;
  kill(pid: number, signal: NodeJS.Signals): unknown;
}

/** @throws Error with a sentence */
export async function sendSignal(text: string, host: SignalHost): Promise<void> {
  const [name = '', target, ...more] = text.split('=');
  if (more.length > 0) throw new Error(`invalid signal parameters: ${more.join('=')}`);
  if (!isCommand(name)) throw new Error(`unknown signal "${name}"`);
  const failures: string[] = [];
  for (const pid of pidsOf(target === undefined ? '' : readPid(target), host)) {
    try {
      await deliver(name, pid, host);
    } catch (error) {
      const reason = codeOf(error) === 'ESRCH' ? 'no such process' : messageOf(error);
      failures.push(`signal "${name}" ${pid}: ${reason}`);
    }
  }
  if (failures.length > 0) throw new Error(failures.join('\n'));
}

async function deliver(command: Command, pid: number, host: SignalHost): Promise<void> {
  if (host.platform === 'win32' && command !== 'stop') await sendControl(pipeOf(pid), command);
  else host.kill(pid, SIGNALS[command]);
}

/** What is in the file of that name, else the text itself. */
function readPid(text: string): string {
  try {
    return readFileSync(text, 'utf8').trim();
  } catch {
    // No such file: a number then.
    return text;
  }
}

/** A number; a number with `*` for all that begin with it; nothing for the only one that runs. */
function pidsOf(target: string, host: SignalHost): number[] {
  if (/^[1-9]\d*$/.test(target)) return [Number(target)];
  const match = /^(\d*)(\*?)$/.exec(target);
  if (match === null) throw new Error(`invalid pid: ${target.slice(0, 40)}`);
  const [, start = '', glob] = match;
  const running = runningPids(host).filter((pid) => pid !== host.pid);
  const pids = running.filter((pid) => String(pid).startsWith(start));
  if (pids.length === 0) throw new Error(`no ${PROCESS_TITLE} processes running`);
  if (pids.length > 1 && glob === '') {
    throw new Error(`multiple ${PROCESS_TITLE} processes running:\n${pids.join('\n')}`);
  }
  return pids;
}

function runningPids(host: SignalHost): number[] {
  try {
    if (host.platform === 'linux') return pidsInProc();
    if (host.platform === 'win32') return pidsOfPipes(readdirSync(PIPE_FOLDER));
    const { execFileSync } = builtin('node:child_process');
    const list = execFileSync('ps', ['-axo', 'pid=,args='], { encoding: 'utf8' });
    return [...list.matchAll(/^ *(\d+) (\S+)/gm)]
      .filter(([, , name]) => name === PROCESS_TITLE)
      .map(([, pid]) => Number(pid));
  } catch (error) {
    throw new Error('unable to resolve pid, try providing one', { cause: error });
  }
}

function pidsInProc(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === PROCESS_TITLE;
      } catch {
        // It has ended meanwhile.
        return false;
      }
    })
    .map(Number);
}
