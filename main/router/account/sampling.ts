/**
 * Which requests get a latency sample: a part of them by chance, and those whose tracing headers ask for it
 * (Jaeger's Uber-Trace-Id, Zipkin's B3 in both forms, W3C's traceparent).
 */
import type { Message } from '../connection/message.ts';
import type { Latency } from './exports.ts';
import { headerBlock, readHeaders } from './message-headers.ts';

/** The headers that asked for the sample, which repeats them; empty when chance did. */
export type SampleHeaders = Readonly<Record<string, readonly string[]>>;

const BY_CHANCE: SampleHeaders = {};

/** Undefined: no sample. */
export function sampled(latency: Latency | undefined, message: Message): SampleHeaders | undefined {
  if (latency === undefined) return undefined;
  const { sampling } = latency;
  if (sampling !== 'headers') {
    if (sampling >= 100 || Math.random() * 100 < sampling) return BY_CHANCE;
  }
  return message.headerSize > 0 ? sampledByHeaders(readHeaders(headerBlock(message))) : undefined;
}

/** @param headers by canonical name */
function sampledByHeaders(
  headers: ReadonlyMap<string, readonly string[]>,
): SampleHeaders | undefined {
  const first = (name: string): string | undefined => headers.get(name)?.[0];
  const uber = first('Uber-Trace-Id');
  if (uber !== undefined) {
    // trace:span:parent:flags, flags in hex
    const [, , , flags = '', ...rest] = uber.split(':');
    const asked = rest.length === 0 && /^[0-9a-f]{1,2}$/i.test(flags);
    if (!asked || (Number.parseInt(flags, 16) & 1) === 0) return undefined;
    return pick(headers, (name) => name === 'Uber-Trace-Id' || name.startsWith('Uberctx-'));
  }
  const decision = first('X-B3-Sampled');
  if (decision === '0') return undefined;
  if (decision === '1' || headers.has('X-B3-Traceid')) return pick(headers, (name) => B3.has(name));
  const single = first('B3');
  if (single !== undefined) {
    const parts = single.split('-');
    const denied = parts.length === 1 ? parts[0] === '0' : parts[2] === '0';
    return denied ? undefined : pick(headers, (name) => name === 'B3');
  }
  const parent = first('Traceparent')?.split('-');
  if (parent?.length !== 4 || parent[3] !== '01') return undefined;
  return pick(headers, (name) => name === 'Traceparent' || name === 'Tracestate');
}

const B3 = new Set(['X-B3-Sampled', 'X-B3-Traceid', 'X-B3-Parentspanid', 'X-B3-Spanid']);

/** In the order of their names, as Go writes maps. */
function pick(
  headers: ReadonlyMap<string, readonly string[]>,
  wanted: (name: string) => boolean,
): SampleHeaders {
  const names = [...headers.keys()].filter(wanted).sort();
  return Object.fromEntries(names.map((name) => [name, headers.get(name) ?? []]));
}
