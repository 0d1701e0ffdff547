/** `npm run bench -- router`: the router beside nats-server, row by row, in interleaved rounds. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { usageOf } from '../process-usage.ts';
import { median, printFloors, printTable, type Floor } from '../report.ts';
import type { GeneratorInput, GeneratorResult } from './generator.ts';
import { scenarios, type Scenario } from './scenarios.ts';
import { type BenchServer, type Kind, startServer } from './servers.ts';

const ROUNDS = Number(process.env['SKERRY_BENCH_ROUNDS'] ?? 7);
const FLOOR = 0.9;
const KINDS: readonly Kind[] = ['skerry', 'nats-server'];
const generator = fileURLToPath(new URL('generator.ts', import.meta.url));

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
      floor: FLOOR,
      kind: 'at least',
      unit: '×',
    });
  }
  printTable(['', 'skerry msg/s', 'nats-server', 'ratio', 'pairs', 'p50, p99 ms', 'cores'], rows);
  return printFloors(floors);
}

async function measure(kind: Kind, scenario: Scenario): Promise<Measured> {
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

function configOf(scenario: Scenario, leafPort: number): string {
  if (scenario.kind !== 'flow') return '';
  if (scenario.leaf === true) return `leafnodes { listen: "127.0.0.1:${String(leafPort)}" }\n`;
  if (scenario.permissions === true) {
    return `authorization { users: [ { user: bench, password: bench,
      permissions: { publish: { allow: ["bench.>", "other.*"], deny: "bench.not" }, subscribe: { allow: ["bench.>", "_INBOX.>"] } } } ] }\n`;
  }
  return '';
}

async function generate(input: GeneratorInput): Promise<GeneratorResult> {
  const child = fork(generator);
  const exited = once(child, 'exit');
  child.send(input);
  const [result] = (await Promise.race([
    once(child, 'message'),
    exited.then(() => {
      throw new Error('the generator ended without a result');
    }),
  ])) as [GeneratorResult];
  await exited;
  return result;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function cpuShare({ cpuSeconds, seconds }: Measured): number {
  return cpuSeconds / seconds;
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
