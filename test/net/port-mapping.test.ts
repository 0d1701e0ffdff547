import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { Lab } from './lab.ts';
import {
  startMappingRouter,
  type MappingRouter,
  type MappingRouterOptions,
} from './mapping-router.ts';
import type { NetNode, NodeProcess } from './node.ts';
import { removeLeftovers } from './owner.ts';
import { whyNoNamespaces } from './requirements.ts';

const script = (name: string): string => fileURLToPath(new URL(`probe/${name}`, import.meta.url));
const PORT = 41_641;
const why = whyNoNamespaces();
if (why !== undefined) console.warn(`LEFT OUT: port mappings of real routers: ${why}.`);

interface Home {
  readonly lab: Lab;
  readonly gateway: NetNode;
  readonly router: MappingRouter | undefined;
  readonly mapper: NodeProcess;
}

/** A machine that wants a port behind a router. @param options undefined: the router maps none */
async function home(lab: Lab, options?: MappingRouterOptions): Promise<Home> {
  const internet = await lab.segment('internet', { v4: '203.0.113', isInternet: true });
  const inside = await lab.segment('home', { v4: '10.1.0' });
  const nat = await lab.nat('symmetric', inside, internet);
  const router = options && (await startMappingRouter(lab, nat, internet, options));
  const machine = await lab.node('machine');
  await inside.attach(machine, nat);
  const mapper = machine.start(process.execPath, [script('map-port.ts'), `${PORT}`]);
  return { lab, gateway: nat.node, router, mapper };
}

describe.skipIf(why !== undefined)('port mapping', () => {
  beforeAll(() => void removeLeftovers());

  test.concurrent.each(['NAT-PMP', 'UPnP'] as const)(
    'port mapping - a router maps the port by %s, and no longer when the peer stops',
    async (protocol) => {
      await using lab = new Lab();
      const { router, mapper } = await home(lab, { protocols: [protocol] });
      const state: unknown = JSON.parse(await mapper.seen('stdout', /"mapped"/));
      expect(state).toEqual({ state: 'mapped', host: router?.outside, port: PORT, protocol });
      expect(await router?.mappings()).toEqual([
        expect.stringMatching(new RegExp(`dport ${PORT} dnat ip to 10.1.0.2:${PORT}`)),
      ]);
      await Promise.all([mapper.seen('stdout', /stopped/), mapper.kill('SIGTERM')]);
      expect(await router?.mappings()).toEqual([]);
    },
    60_000,
  );

  test.concurrent(
    'port mapping - a router that may not map says so',
    async () => {
      await using lab = new Lab();
      const { mapper } = await home(lab, { protocols: ['NAT-PMP', 'UPnP'], refuses: true });
      expect(await mapper.seen('stdout', /"state":"(?!looking)/)).toContain('"refused"');
      await mapper.kill('SIGTERM');
    },
    60_000,
  );

  test.concurrent(
    'port mapping - where no router answers, that is found out',
    async () => {
      await using lab = new Lab();
      const { mapper } = await home(lab);
      expect(await mapper.seen('stdout', /"state":"(?!looking)/)).toContain('"no-router"');
      await mapper.kill('SIGTERM');
    },
    60_000,
  );

  test.concurrent(
    'port mapping - a router that answers garbage crashes nothing',
    async () => {
      await using lab = new Lab();
      const { gateway, mapper } = await home(lab);
      const garbler = gateway.start(process.execPath, [script('garble.ts'), '10.1.0.1', '5351']);
      await garbler.seen('stdout', /asked/);
      expect(await mapper.seen('stdout', /"state":"(?!looking)/)).toContain('"no-router"');
      const stopped = mapper.seen('stdout', /stopped/);
      await mapper.kill('SIGTERM');
      expect(await stopped).toContain('stopped');
    },
    60_000,
  );
});
