/**
 * One end of a link with one stream, without sharing and without a disk:
 * `receive|send <seconds> udp <own host>` or `… nats <server's URL>`. Says its key and ways, is told the other's.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createLog } from '../../../main/base/log.ts';
import { createDeployments } from '../../../main/deployment/deployments.ts';
import { createIdentity } from '../../../main/identity/peer-identity.ts';
import type { PeerKey, Way } from '../../../main/identity/types.ts';
import { createLinks } from '../../../main/link/links.ts';
import { createNatsSource } from '../../../main/link/nats/nats-source.ts';
import type { PathSource } from '../../../main/link/path-source.ts';
import { createAdmission } from '../../../main/link/session/admission.ts';
import { createCookieJar } from '../../../main/link/session/cookie.ts';
import { createDial } from '../../../main/link/session/dial.ts';
import type { LinkContacts } from '../../../main/link/types.ts';
import { createUdpEndpoint } from '../../../main/link/udp/udp-endpoint.ts';
import { oneContact } from './one-contact.ts';
import { BLOCK_BYTES, report } from './side.ts';

const [role, seconds = '0', kind, where = ''] = process.argv.slice(2);
const PROTOCOL = '/skerry/bench/1';
const LINK_MS = 30_000;
const now = Date.now;
const name = (): string => 'Bench';
const version = '0.0.0';
const log = createLog(process.env['SKERRY_BENCH_LOG'] ?? 'silent');

const { identity } = await createIdentity({
  accountSeed: randomBytes(32),
  userSeed: randomBytes(32),
  createdAt: now(),
});
process.send?.({ key: identity.key });
const [other] = (await once(process, 'message')) as [{ key: PeerKey; ways: Way[] }];
const contacts = oneContact(other.key, other.ways);
const source = createSource(contacts);
const links = createLinks({
  identity,
  name,
  version,
  contacts,
  sources: [source],
  log,
  now,
});
let bytes = 0;
const measured = (): Promise<void> => report(Number(seconds), () => bytes);

// As with a download: who wants the bytes opens the stream.
if (role === 'send') {
  const block = Buffer.alloc(BLOCK_BYTES, 'skerry');
  const begun = once(process, 'message');
  links.handle(PROTOCOL, async (stream) => {
    void measured();
    await begun;
    for (;;) {
      await stream.write(block);
      bytes += block.length;
    }
  });
  await links.start();
  process.send?.({ ways: source.ways() });
} else {
  await links.start();
  const stream = await links.openStream(other.key, PROTOCOL, { timeoutMs: LINK_MS });
  void measured();
  const target = new Uint8Array(BLOCK_BYTES);
  for (let count = 1; count > 0; bytes += count) count = await stream.read(target);
}

function createSource(contacts: LinkContacts): PathSource {
  const common = { signer: identity, name, contacts, now };
  const admission = createAdmission(common);
  if (kind === 'udp') {
    return createUdpEndpoint({
      port: 0,
      host: where,
      admission,
      cookies: createCookieJar(randomBytes(32), now),
      createDial: (to) => createDial({ signer: identity, name: name(), to, contacts, now: now() }),
      now,
      log,
    });
  }
  const configured = [{ server: where, prefix: 'skerry' }];
  const deployments = createDeployments({ configured, log });
  deployments.start();
  return createNatsSource({ ...common, deployments, version, admission });
}
