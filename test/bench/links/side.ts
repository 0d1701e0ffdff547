/** What both ends of a measured stream do alike, whatever carries it: count for a while, then tell. */
import { once } from 'node:events';

/** One end's account of the time that was measured. */
export interface SideResult {
  /** Received, or handed over for sending. */
  readonly bytes: number;
  readonly cpuSeconds: number;
  /** Highest resident set of the process so far, bytes. */
  readonly peakRssBytes: number;
}

/** A sender writes blocks of this size, like a transfer. */
export const BLOCK_BYTES = 256 * 1024;

/** Says that this end has its stream, waits for the start, and reports what was added up `seconds` later. */
export async function report(seconds: number, bytes: () => number): Promise<void> {
  process.send?.('open');
  await once(process, 'message');
  const [from, cpu] = [bytes(), process.cpuUsage()];
  setTimeout(() => {
    const { user, system } = process.cpuUsage(cpu);
    process.send?.({
      bytes: bytes() - from,
      cpuSeconds: (user + system) / 1e6,
      peakRssBytes: process.resourceUsage().maxRSS * 1024,
    } satisfies SideResult);
  }, seconds * 1000);
}

process.on('disconnect', () => process.exit(0));
