/** Discovery of one host of a LAN, in a process of its own: `node lan-peer.ts <seed> <contact…>`; tells what it sees. */
import { Discovery } from '../../../main/link/discovery/discovery.ts';
import { log, testIdentity } from './support.ts';

const [seed = '', ...contacts] = process.argv.slice(2);
const identity = testIdentity(Number(seed));

const discovery = new Discovery({
  identity,
  port: () => 4000 + Number(seed),
  name: () => `peer ${seed}`,
  visibility: () => ({ lan: contacts.length > 0 ? 'contacts' : 'everyone', name: true }),
  contacts: () => contacts,
  isKnown: (key) => contacts.includes(key),
  now: Date.now,
  log,
});
/** Who listened may be gone already: that is its affair. */
const tell = (message: object): void => {
  if (process.connected) process.send?.(message, () => undefined);
};
discovery.on('seen', (peer) => tell({ seen: peer }));
discovery.on('gone', (key) => tell({ gone: key }));
process.on('disconnect', () => void discovery.stop().then(() => process.exit()));
await discovery.start();
tell({ started: identity.key });
