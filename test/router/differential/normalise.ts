/**
 * Takes out of a transcript what two servers cannot have in common: ids, ports, times, and the order in which
 * one message reaches several subscriptions, which nats-server takes from a hash map.
 */
import type { ServerPorts } from '../support/router-process.ts';
import { isEntryOfOne, isFieldOfOne, isLineOfOne, isRepeatable, emptyLists } from './known.ts';
import type { Entry } from './wire.ts';

const random: readonly (readonly [RegExp, string])[] = [
  [/\bN[A-Z0-9]{55}\b/g, '<server>'],
  [/\bX[A-Z2-7]{55}\b/g, '<xkey>'],
  [/\$LDS\.\w+/g, '$LDS.<nuid>'],
  [/\b_R_\.[\w.-]+/g, '_R_.<id>'],
  [/\b\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)/g, '<time>'],
  [/"(rtt|id)":\d+/g, '"$1":<number>'],
  [/\b(?=\w*\d)(?=\w*[A-Z])[0-9A-Za-z]{22}\b/g, '<nuid>'],
];

/** Fields whose values differ between any two servers, or from one moment to the next. */
const volatile = new Set(
  [
    'server_id git_commit go version xkey nonce client_id port cid id sid ver',
    'start now time timestamp uptime rtt cpu mem cores gomaxprocs gomemlimit idle last_activity stop',
    'config_load_time config_digest auth_timeout pid total_connections responder_rtt requestor_rtt',
    'seq out_msgs out_bytes service system total num_subscriptions slow_consumers in_msgs in_bytes num_cache num_inserts num_removes num_matches',
    'cache_hit_rate max_fanout avg_fanout http_req_stats lid peer_id name_id',
    'last_active last_sent',
  ]
    .join(' ')
    .split(' '),
);

export function normaliseText(text: string, ports?: ServerPorts): string {
  let out = text;
  for (const [pattern, name] of random) out = out.replace(pattern, name);
  for (const port of Object.values(ports ?? {})) {
    if (port !== undefined) out = out.replaceAll(`:${port}`, ':<port>');
  }
  return out;
}

function isNothing(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

/** Sorts keys, and puts the type of a value that cannot be the same in its place. */
export function normaliseJson(value: unknown, ports?: ServerPorts): unknown {
  if (typeof value === 'string') return normaliseText(value, ports);
  if (Array.isArray(value)) {
    const items = value
      .filter((each) => !isEntryOfOne(each))
      .map((each) => normaliseJson(each, ports));
    return items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value !== 'object' || value === null) return value;
  // What an account or the server has seen in all the cases before.
  const summed = 'received' in value && ('conns' in value || 'cores' in value);
  const entries = Object.entries(value)
    .filter(([key]) => !summed || (key !== 'received' && key !== 'sent'))
    .filter(([key]) => !isFieldOfOne(key, value) && key !== 'pending_bytes')
    .map(([key, each]): [string, unknown] => [
      normaliseText(key, ports),
      volatile.has(key) && typeof each !== 'object'
        ? `<${typeof each}>`
        : normaliseJson(each, ports),
    ])
    .filter(([key, each]) => !emptyLists.has(key) || !isNothing(each));
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function renderJson(text: string, ports: ServerPorts): string | undefined {
  try {
    return JSON.stringify(normaliseJson(JSON.parse(text), ports));
  } catch {
    // Not JSON then: shown as it is.
    return undefined;
  }
}

function renderLine(line: string, ports: ServerPorts): string {
  const info = /^INFO (\{.*\})( ?)$/.exec(line);
  if (info?.[1] !== undefined) {
    return `INFO ${renderJson(info[1], ports) ?? '<not JSON>'}${info[2] ?? ''}`;
  }
  return normaliseText(line, ports);
}

function renderPayload(payload: string, ports: ServerPorts): string {
  const body = payload.startsWith('{"') ? renderJson(payload, ports) : undefined;
  return body ?? JSON.stringify(normaliseText(payload, ports));
}

/** It goes to any one of the connection's subscriptions to the reply. */
const NO_RESPONDERS = 'NATS/1.0 503\r\n\r\n';
const sidOf = /^(HMSG \S+) \S+/;

/**
 * Payloads whose length depends on ids and times. In messages of its own nats-server puts a space where the
 * reply would stand.
 */
const madeByServer = /^\{"|\r\nNats-Request-Info: /;

/** A leaf node's interest comes in the order of a hash map. */
function sortInterest(lines: string[]): void {
  const before = lines.findLastIndex((line) => !line.startsWith('LS+ '));
  lines.push(...lines.splice(before + 1).sort());
}

/** The lines of each step; those of queue subscriptions (their sids are `q…`, or `q….member`) apart. */
export function renderWire(
  entries: readonly Entry[],
  ports: ServerPorts,
): Map<number, { own: string[]; queued: string[] }> {
  const steps = new Map<number, { own: string[]; queued: string[] }>();
  let run: { payload: string; lines: string[] } | undefined;
  for (const { step, line, payload } of entries) {
    const lines = steps.get(step) ?? { own: [], queued: [] };
    if (!steps.has(step)) {
      steps.set(step, lines);
      run = undefined;
    }
    if (payload === undefined) {
      run = undefined;
      if (isLineOfOne(line) || (isRepeatable(line) && lines.own.at(-1) === line)) continue;
      lines.own.push(renderLine(line, ports));
      if (line.startsWith('LS+ ')) sortInterest(lines.own);
      continue;
    }
    const named = payload === NO_RESPONDERS ? line.replace(sidOf, '$1 <sid>') : line;
    const sizes = madeByServer.test(payload)
      ? named.replaceAll(/ +/g, ' ').replace(/(?: \d+)+$/, ' <size>')
      : named;
    const text = `${normaliseText(sizes, ports)} ${renderPayload(payload, ports)}`;
    const [, subject, sid = ''] = line.split(' ');
    if (line[0] !== 'L' && sid.startsWith('q')) {
      lines.queued.push(`${sid.split('.')[0]} ${subject} ${renderPayload(payload, ports)}`);
      continue;
    }
    // The same message to several subscriptions of the connection: in any order.
    if (run?.payload === payload) {
      run.lines.push(text);
      const sorted = [...run.lines].sort();
      lines.own.splice(lines.own.length - run.lines.length + 1, run.lines.length - 1, ...sorted);
    } else {
      run = { payload, lines: [text] };
      lines.own.push(text);
    }
  }
  return steps;
}
