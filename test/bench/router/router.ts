/** `npm run bench -- router`: the router beside nats-server, row by row, in interleaved rounds. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { usageOf } from '../process-usage.ts';
import { median, printFloors, printTable, type Floor } from '../report.ts';
import { generate, runInProcess } from './generate.ts';
import type { GeneratorResult } from './generator.ts';
import { loopDelay } from './loop.ts';
import { memoryGrowth } from './memory.ts';
import { busiest, scenarios, type Flow, type InProcess, type Scenario } from './scenarios.ts';
import { type BenchServer, type Kind, startServer } from './servers.ts';
import { WARM_UP } from './warm-up.ts';

const ROUNDS = Number(process.env['SKERRY_BENCH_ROUNDS'] ?? 7);
const FLOOR = 0.9;
const IN_PROCESS_FLOOR = 1.5;
/** Of nats-server's. */
const MEMORY_LIMIT = 1.2;
const LOOP_LIMIT_MS = 20;
const CONNECTIONS = 10_000;
const SUBSCRIPTIONS = 1_000_000;
const KINDS: readonly Kind[] = ['skerry', 'nats-server'];

interface Measured extends GeneratorResult {
  readonly cpuSeconds: number;
}

export async function router(): Promise<boolean> {
  const rows: string[][] = [];
  const floors: Floor[] = [];
  const wanted = process.env['SKERRY_BENCH_ROWS'];
  for (const scenario of scenarios) {
    if (wanted !== undefined && !new RegExp(wanted).test(scenario.name)) continue;
    const measured: Record<Kind, Measured[]> = { skerry: [], 'nats-server': [] };
    for (let round = 0; round < ROUNDS; round++) {
      const order = round % 2 === 0 ? KINDS : KINDS.toReversed();
      for (const kind of order) measured[kind].push(await measure(kind, scenario));
    }
    const { skerry, 'nats-server': go } = measured;
    const ratios = skerry.map((one, round) => one.rate / (go[round]?.rate ?? NaN));
    const ratio = median(ratios);
    rows.push([
      scenario.name,
      rate(median(skerry.map((one) => one.rate))),
      rate(median(go.map((one) => one.rate))),
      ratio.toFixed(2),
      `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`,
      `${latency(skerry)} / ${latency(go)}`,
      `${median(skerry.map(cpuShare)).toFixed(2)} / ${median(go.map(cpuShare)).toFixed(2)}`,
    ]);
    console.log(rows.at(-1)?.join(' | '));
    floors.push({
      what: scenario.name,
      measured: ratio,
      floor: scenario.kind === 'in-process' ? IN_PROCESS_FLOOR : FLOOR,
      kind: 'at least',
      unit: '×',
    });
  }
  printTable(['', 'skerry msg/s', 'nats-server', 'ratio', 'pairs', 'p50, p99 ms', 'cores'], rows);
  if (wanted === undefined || wanted === 'memory') floors.push(...(await memory()));
  if (wanted === undefined || wanted === 'loop') floors.push(...(await loop()));
  return printFloors(floors);
}

async function memory(): Promise<Floor[]> {
  const ours = await memoryGrowth('skerry', CONNECTIONS, SUBSCRIPTIONS);
  const theirs = await memoryGrowth('nats-server', CONNECTIONS, SUBSCRIPTIONS);
  const row = (what: string, one: number, other: number): string[] => [
    what,
    one.toFixed(0),
    other.toFixed(0),
    (one / other).toFixed(2),
  ];
  printTable(
    ['bytes of memory', 'skerry', 'nats-server', 'ratio'],
    [
      row(
        `per idle connection of ${String(CONNECTIONS)}`,
        ours.perConnection,
        theirs.perConnection,
      ),
      row(
        `per subscription of ${String(SUBSCRIPTIONS)}`,
        ours.perSubscription,
        theirs.perSubscription,
      ),
    ],
  );
  const limit = (what: string, measured: number): Floor => ({
    what,
    measured,
    floor: MEMORY_LIMIT,
    kind: 'at most',
    unit: '×',
  });
  return [
    limit('memory per idle connection', ours.perConnection / theirs.perConnection),
    limit('memory per subscription', ours.perSubscription / theirs.perSubscription),
  ];
}

async function loop(): Promise<Floor[]> {
  const floors: Floor[] = [];
  const rows: string[][] = [];
  for (const scenario of busiest) {
    const { p50, p99, max } = await loopDelay(scenario);
    rows.push([scenario.name, p50.toFixed(1), p99.toFixed(1), max.toFixed(1)]);
    floors.push({
      what: `event loop, p99, ${scenario.name}`,
      measured: p99,
      floor: LOOP_LIMIT_MS,
      kind: 'at most',
      unit: 'ms',
    });
  }
  printTable(['event loop late, ms', 'p50', 'p99', 'max'], rows);
  return floors;
}

async function measure(kind: Kind, scenario: Scenario): Promise<Measured> {
  if (scenario.kind === 'in-process') {
    if (kind === 'skerry') return { ...(await runInProcess(scenario)), cpuSeconds: NaN };
    return measure(kind, overLoopback(scenario));
  }
  const servers: BenchServer[] = [];
  try {
    const leaf = scenario.kind === 'flow' && scenario.leaf === true;
    const leafPort = leaf ? await freePort() : 0;
    servers.push(await startServer(kind, configOf(scenario, leafPort)));
    if (leaf) {
      servers.push(
        await startServer(
          kind,
          `leafnodes { remotes: [ { url: "nats-leaf://127.0.0.1:${String(leafPort)}" } ] }\n`,
        ),
      );
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    const before = servers.map(({ pid }) => usageOf(pid).cpuSeconds);
    const result = await generate({
      scenario,
      publishPort: servers[0]?.port ?? 0,
      subscribePort: servers.at(-1)?.port ?? 0,
    });
    const cpuSeconds = servers.reduce(
      (sum, { pid }, at) => sum + usageOf(pid).cpuSeconds - (before[at] ?? 0),
      0,
    );
    return { ...result, cpuSeconds };
  } finally {
    for (const server of servers) await server.stop();
  }
}

function overLoopback({ name, messages, size }: InProcess): Flow {
  return { kind: 'flow', name, messages: messages / 4, size, publishers: 1, subscribers: 1 };
}

function configOf(scenario: Scenario, leafPort: number): string {
  if (scenario.kind !== 'flow') return '';
  if (scenario.leaf === true) return `leafnodes { listen: "127.0.0.1:${String(leafPort)}" }\n`;
  if (scenario.permissions === true) {
    return `authorization { users: [ { user: bench, password: bench,
      permissions: { publish: { allow: ["bench.>", "other.*"], deny: "bench.not" }, subscribe: { allow: ["bench.>", "_INBOX.>"] } } } ] }\n`;
  }
  return '';
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Processors in use; the warm-up is in the time of the processor too. */
function cpuShare({ cpuSeconds, seconds }: Measured): number {
  return cpuSeconds / (seconds * (1 + WARM_UP));
}

function rate(value: number): string {
  return value >= 1e6 ? `${(value / 1e6).toFixed(2)} M` : `${(value / 1e3).toFixed(1)} k`;
}

function latency(results: readonly Measured[]): string {
  if (results[0]?.p50 === undefined) return '';
  const of = (pick: (one: Measured) => number | undefined): string =>
    median(results.map((one) => pick(one) ?? NaN)).toFixed(3);
  return `${of((one) => one.p50)}, ${of((one) => one.p99)}`;
}
