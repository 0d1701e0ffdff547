/**
 * `npm run bench -- links`: a link's stream beside TCP on bad networks, then as fast as it goes over UDP and NATS.
 * Contestants take turns in one run. SKERRY_BENCH_ROUNDS, SKERRY_BENCH_SECONDS (of each measurement) and
 * SKERRY_BENCH_ROWS (a regular expression on the rows' names) make it shorter; SKERRY_BENCH_MBIT is the line's rate.
 */
import { cpus, loadavg } from 'node:os';
import { startNatsServer } from '../../support/nats-server.ts';
import { Namespace, whyNoNamespaces } from '../../support/namespaces.ts';
import {
  congestionControls,
  startShapedNetwork,
  whyNoShapedNetwork,
} from '../../support/shaper/shaped-network.ts';
import { joinByVeth } from '../../support/veth.ts';
import { plainNats } from '../plain-nats.ts';
import { median, printFloors, printTable, type Floor } from '../report.ts';
import { cells } from './cells.ts';
import { runLink, runPlain, type Measured } from './run.ts';

const ROUNDS = Number(process.env['SKERRY_BENCH_ROUNDS'] ?? 3);
const SECONDS = Number(process.env['SKERRY_BENCH_SECONDS'] ?? 4);
const rows = new RegExp(process.env['SKERRY_BENCH_ROWS'] ?? '');
/** What Linux, macOS and Windows ship with; the kernel's own choice is measured too. */
const USUAL = 'cubic';
/**
 * Of BBR's TCP on a line that both fill and that loses too much for packets of several datagrams: one of QUIC then has
 * 67 bytes of headers and TLS in 1,386, a segment of TCP, which encrypts nothing, 52 in 1,500. That leaves 0.986 of its
 * rate, whatever is done.
 */
const FULL_LINE = 0.95;
const LOOPBACK = { address: '127.0.0.1' };
const PLAIN_NATS_BYTES = 512 * 1024 ** 2;

/** Prints the tables; true when every floor is kept. */
export async function links(): Promise<boolean> {
  // Whoever reads the figures must know whether the machine was busy with something else.
  console.log(
    `load average before: ${(loadavg()[0] ?? NaN).toFixed(1)} on ${String(cpus().length)} cores`,
  );
  const floors = [...(await onBadNetworks()), ...(await atFullSpeed())];
  return printFloors(floors);
}

async function onBadNetworks(): Promise<Floor[]> {
  const wanted = cells.filter(({ name }) => rows.test(name));
  if (wanted.length === 0) return [];
  const why = whyNoShapedNetwork();
  if (why !== undefined) return leftOut('the networks with loss and delay', why);
  await using network = await startShapedNetwork();
  const [from, to] = network.hosts;
  const [ownChoice = USUAL, ...others] = congestionControls();
  const tcps = [ownChoice, ...others.filter((name) => name === USUAL)];
  const table: string[][] = [];
  const floors: Floor[] = [];
  for (const { name, loss, isShort, conditions } of wanted) {
    const link: number[] = [];
    const tcp = tcps.map((): number[] => []);
    for (let round = 0; round < ROUNDS; round += 1) {
      await network.set(conditions, round + 1);
      link.push((await runLink(from, to, SECONDS)).megabytesPerSecond);
      for (const [at, algorithm] of tcps.entries()) {
        network.useCongestionControl(algorithm);
        await network.set(conditions, round + 1);
        tcp[at]?.push((await runPlain('tcp', from, to, SECONDS)).megabytesPerSecond);
      }
    }
    const row = [name, median(link).toFixed(2)];
    for (const [at, rates] of tcp.entries()) {
      const ratio = median(link.map((rate, round) => rate / (rates[round] ?? NaN)));
      row.push(median(rates).toFixed(2), ratio.toFixed(2));
      if (loss === 0) continue;
      floors.push({
        what: `${name}: to TCP (${tcps[at] ?? ''})`,
        measured: ratio,
        floor: isShort && tcps[at] !== USUAL ? FULL_LINE : 1,
        kind: 'at least',
        unit: '×',
      });
    }
    table.push(row);
    console.log(row.join(' | '));
  }
  const headings = tcps.flatMap((name) => [`TCP (${name})`, 'ratio']);
  printTable([`MB/s in the first ${String(SECONDS)} s`, 'link', ...headings], table);
  return floors;
}

async function atFullSpeed(): Promise<Floor[]> {
  const table: string[][] = [];
  const floors: Floor[] = [];
  const add = (name: string, results: readonly Measured[]): number => {
    const of = (pick: (one: Measured) => number): number => median(results.map(pick));
    const rate = of((one) => one.megabytesPerSecond);
    const mebibytes = (bytes: number): string => (bytes / 1024 ** 2).toFixed(0);
    table.push([
      name,
      rate.toFixed(0),
      of((one) => one.cpuSecondsPerGigabyte).toFixed(2),
      mebibytes(of((one) => one.peakSenderBytes)),
      mebibytes(of((one) => one.peakReceiverBytes)),
    ]);
    return rate;
  };
  const floor = (what: string, measured: number, least: number, unit = 'MB/s'): void => {
    floors.push({ what, measured, floor: least, kind: 'at least', unit });
  };
  if (rows.test('udp, 1350 bytes')) {
    const why = whyNoNamespaces();
    if (why !== undefined) floors.push(...leftOut('udp at 1,350 bytes', why));
    else {
      const { link, plain } = await overCable();
      floor('udp, 1350 bytes', add('udp, 1350 bytes', link), 120);
      // How fast the machine is at the moment: what is sent here is neither encrypted nor sent again.
      add('plain node:dgram, 1358 bytes', plain);
    }
  }
  if (rows.test('udp, loopback')) {
    const results = await inRounds(() => runLink(LOOPBACK, LOOPBACK, SECONDS));
    floor('udp, loopback', add('udp, loopback', results), 300);
  }
  if (rows.test('nats')) {
    const { link, plain } = await overNats();
    add('nats', link);
    for (const [name, results] of Object.entries(plain)) add(name, results);
    // Pair by pair, against whichever plain client was the faster one in that round.
    const fastest = (round: number): number =>
      Math.max(...Object.values(plain).map((one) => one[round]?.megabytesPerSecond ?? NaN));
    const ratios = link.map((one, round) => one.megabytesPerSecond / fastest(round));
    floor('nats to the faster plain client', median(ratios), 0.6, 'of its rate');
  }
  if (table.length > 0) {
    printTable(['as fast as it goes', 'MB/s', 'CPU s/GB', 'peak MiB send', 'receive'], table);
  }
  return floors;
}

async function inRounds<Result>(measure: () => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (let round = 0; round < ROUNDS; round += 1) results.push(await measure());
  return results;
}

/** Two namespaces and a cable: no address is one's own, so packets are as small as between two machines. */
async function overCable(): Promise<{ link: Measured[]; plain: Measured[] }> {
  using one = new Namespace('c');
  using other = new Namespace('d');
  const [from, to] = joinByVeth(one, other);
  const places = [
    { namespace: one, address: from },
    { namespace: other, address: to },
  ] as const;
  const link: Measured[] = [];
  const plain: Measured[] = [];
  await inRounds(async () => {
    link.push(await runLink(places[0], places[1], SECONDS));
    plain.push(await runPlain('dgram', places[0], places[1], SECONDS));
  });
  return { link, plain };
}

async function overNats(): Promise<{ link: Measured[]; plain: Record<string, Measured[]> }> {
  await using server = await startNatsServer();
  const link: Measured[] = [];
  const plain: Record<string, Measured[]> = {};
  await inRounds(async () => {
    link.push(await runLink(LOOPBACK, LOOPBACK, SECONDS, server.url));
    for (const kibibytes of [16, 256]) {
      const { megabytesPerSecond, cpuSeconds } = await plainNats(
        server.url,
        PLAIN_NATS_BYTES,
        kibibytes * 1024,
      );
      (plain[`plain nats ${String(kibibytes)} KiB`] ??= []).push({
        megabytesPerSecond,
        cpuSecondsPerGigabyte: cpuSeconds / (PLAIN_NATS_BYTES / 1e9),
        peakSenderBytes: NaN,
        peakReceiverBytes: NaN,
      });
    }
  });
  return { link, plain };
}

/** What cannot be measured here is said loudly, and no floor is kept by it. */
function leftOut(what: string, why: string): Floor[] {
  console.log(`LEFT OUT: ${what}: ${why}`);
  return [{ what: `LEFT OUT: ${what}`, measured: 0, floor: 1, kind: 'at least', unit: 'runs' }];
}
