import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { Lab } from './lab.ts';
import { natKinds, type NatKind } from './nat.ts';
import { removeLeftovers } from './owner.ts';
import type { NatBehaviour } from './probe/ask.ts';
import { whyNoNamespaces } from './requirements.ts';

const script = (name: string): string => fileURLToPath(new URL(`probe/${name}`, import.meta.url));
const why = whyNoNamespaces();
if (why !== undefined) console.warn(`LEFT OUT: the NATs of the link cases: ${why}.`);

/** A machine behind a NAT, and one with two addresses on the internet, which it asks. */
async function probe(kind: NatKind): Promise<NatBehaviour> {
  await using lab = new Lab();
  const internet = await lab.segment('internet', { v4: '203.0.113', isInternet: true });
  const home = await lab.segment('home', { v4: '10.1.0' });
  const gateway = await lab.nat(kind, home, internet);
  const outside = await lab.node('outside');
  const { v4 = '' } = await internet.attach(outside);
  const other = '203.0.113.200';
  await outside.ip('addr', 'add', `${other}/32`, 'dev', 'internet');
  const inside = await lab.node('inside');
  await home.attach(inside, gateway);
  const where = [v4, other, '3478', '3479'];
  const echo = outside.start(process.execPath, [script('echo.ts'), ...where]);
  await echo.seen('stdout', /ready/);
  const answer = await inside.exec(process.execPath, [script('ask.ts'), ...where]);
  return JSON.parse(answer) as NatBehaviour;
}

/** RFC 3489 section 5, in the terms of what a machine behind the NAT sees. */
const expected: Record<NatKind, Omit<NatBehaviour, 'mappings'> & { readonly ports: 1 | 4 }> = {
  'full-cone': {
    ports: 1,
    isPortKept: true,
    fromOtherPort: true,
    fromOtherAddress: true,
    isPortKeptAfterKnock: true,
  },
  restricted: {
    ports: 1,
    isPortKept: true,
    fromOtherPort: true,
    fromOtherAddress: false,
    isPortKeptAfterKnock: true,
  },
  'port-restricted': {
    ports: 1,
    isPortKept: true,
    fromOtherPort: false,
    fromOtherAddress: false,
    isPortKeptAfterKnock: true,
  },
  symmetric: {
    ports: 4,
    isPortKept: false,
    fromOtherPort: false,
    fromOtherAddress: false,
    isPortKeptAfterKnock: false,
  },
};

describe.skipIf(why !== undefined)('NATs of the link cases', () => {
  beforeAll(() => void removeLeftovers());

  test.concurrent.each(natKinds)('nat - %s behaves as named', async (kind) => {
    const { mappings, ...behaviour } = await probe(kind);
    expect({ ports: new Set(mappings).size, ...behaviour }).toEqual(expected[kind]);
    expect(
      mappings.every(
        (mapping) => mapping.startsWith('203.0.113.1:') || mapping.startsWith('203.0.113.2:'),
      ),
    ).toBe(true);
  });
});
