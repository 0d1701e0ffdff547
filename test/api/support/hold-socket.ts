/** A process that serves an empty peer on the socket it is told, until it is killed. */
import { startLocalSocketServer } from '../../../main/api/transports/local-socket-server.ts';
import { createLog } from '../../../main/base/log.ts';
import { fakePeer } from './fake-peer.ts';

const path = process.argv[2] ?? '';
const server = await startLocalSocketServer({ path, peer: fakePeer(), log: createLog('silent') });
process.stdout.write(`${server.path}\n`);
