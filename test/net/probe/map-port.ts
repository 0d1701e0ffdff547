/**
 * Has a port mapped until SIGTERM: `node map-port.ts <port>` prints a line of JSON for each change of
 * the state, and `stopped` in the end.
 */
import { createLog } from '../../../main/base/log.ts';
import { PortMapping } from '../../../main/link/udp/port-mapping.ts';

const port = Number(process.argv[2]);
const mapping = new PortMapping({ port, now: Date.now, log: createLog('silent') });
let last = '';
const look = setInterval(() => {
  const state = JSON.stringify(mapping.state);
  if (state !== last) console.log(state);
  last = state;
}, 20);
mapping.start();
process.once('SIGTERM', () => {
  clearInterval(look);
  const begun = Date.now();
  void mapping.stop().then(() => console.log(`stopped after ${Date.now() - begun} ms`));
});
