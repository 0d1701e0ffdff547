/** Lines as nats-server writes them: `[pid] 2026/11/21 00:00:00.000000 [INF] …`. */

export type LogLevel = 'INF' | 'WRN' | 'ERR' | 'FTL' | 'DBG' | 'TRC';

export interface LineFormat {
  readonly pid: number;
  /** Date and time on each line. */
  readonly time: boolean;
  readonly utc: boolean;
  /** ANSI colours on the level. */
  readonly colours: boolean;
}

const COLOURS: Readonly<Record<LogLevel, string>> = {
  INF: '32',
  WRN: '0;93',
  ERR: '31',
  FTL: '31',
  DBG: '36',
  TRC: '33',
};

/** How far the clock of the process may be from the system's before it is set again, ms. */
const DRIFT_MS = 50;

/** The time with microseconds, and never a moment that lies before the last one for no reason. */
export class LogClock {
  #origin = 0;
  #second = 0;
  #prefix = '';
  readonly #utc: boolean;

  constructor(utc: boolean) {
    this.#utc = utc;
  }

  /** `2026/11/21 00:00:00.000000` */
  now(): string {
    const system = Date.now();
    // Not `performance.now()`: the first use of it loads what else measures, and a log begins before all.
    const [seconds, nanos] = process.hrtime();
    const elapsed = seconds * 1_000 + nanos / 1e6;
    if (Math.abs(this.#origin + elapsed - system) > DRIFT_MS) this.#origin = system - elapsed;
    const moment = this.#origin + elapsed;
    const second = Math.floor(moment / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#prefix = dateAndTime(new Date(second * 1_000), this.#utc);
    }
    const micros = Math.floor((moment - second * 1_000) * 1_000);
    return `${this.#prefix}.${String(micros).padStart(6, '0')}`;
  }
}

/** One line with its end. What could break it, or the terminal, is written as an escape. */
export function logLine(
  format: LineFormat,
  clock: LogClock,
  level: LogLevel,
  text: string,
): string {
  const time = format.time ? `${clock.now()} ` : '';
  const label = format.colours ? `\u001b[${COLOURS[level]}m${level}\u001b[0m` : level;
  return `[${format.pid}] ${time}[${label}] ${printable(text)}\n`;
}

const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const EACH_UNPRINTABLE = new RegExp(UNPRINTABLE.source, 'g');
const SHORT = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

function printable(text: string): string {
  if (!UNPRINTABLE.test(text)) return text;
  return text.replaceAll(
    EACH_UNPRINTABLE,
    (character) =>
      SHORT.get(character) ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

function dateAndTime(date: Date, utc: boolean): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return utc
    ? `${date.getUTCFullYear()}/${two(date.getUTCMonth() + 1)}/${two(date.getUTCDate())} ` +
        `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
    : `${date.getFullYear()}/${two(date.getMonth() + 1)}/${two(date.getDate())} ` +
        `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
