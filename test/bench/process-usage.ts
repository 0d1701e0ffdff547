/** CPU time and peak memory of other processes, from Linux's /proc; elsewhere unknown. */
import { readFileSync } from 'node:fs';

export interface Usage {
  /** User and system time so far, seconds. */
  readonly cpuSeconds: number;
  /** Highest resident set so far, bytes. */
  readonly peakRssBytes: number;
  /** Resident set now, bytes. */
  readonly rssBytes: number;
}

/** Clock ticks of /proc/<pid>/stat a second: fixed at 100 by Linux's user ABI. */
const TICKS_PER_SECOND = 100;

/** NaN in every field where there is no /proc. */
export function usageOf(pid: number): Usage {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Fields after the command's closing bracket: utime and stime are the 12th and 13th of them (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? NaN) * 1024;
    return {
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
      peakRssBytes: kilobytes('VmHWM'),
      rssBytes: kilobytes('VmRSS'),
    };
  } catch {
    return { cpuSeconds: NaN, peakRssBytes: NaN, rssBytes: NaN };
  }
}
